package calls

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/asterism-go/asterism/ami"
)

// askDialplan reads the whole dialplan (ShowDialPlan, main/pbx.c): the parking lots' own extensions are in it as well.
func (d *discovery) askDialplan(ctx context.Context) error {
	items, told, err := d.list(ctx, "parking extensions and outbound prefixes", ami.Action{Name: "ShowDialPlan"})
	if err != nil || !told {
		return err
	}
	for _, item := range items {
		exten, application := item.Get("Extension"), item.Get("Application")
		switch {
		case item.Event() != "ListDialplan" || exten == "":
		case strings.EqualFold(application, "Park") || strings.EqualFold(application, "ParkAndAnnounce"):
			d.parks(exten, item)
		case strings.EqualFold(application, "Dial"):
			d.dials(exten, item)
		}
	}
	return nil
}

// parks: an extension of the dialplan parks calls. A pattern is none that could be compared.
func (d *discovery) parks(exten string, item ami.Message) {
	if strings.Trim(exten, "0123456789*#") != "" || slices.Contains(d.cfg.parkingExtens(), exten) {
		return
	}
	if d.cfg.ParkingExten == "" {
		d.cfg.ParkingExten = exten
	} else {
		d.cfg.ParkingExtens = append(d.cfg.ParkingExtens, exten)
	}
	lot, _, _ := strings.Cut(item.Get("AppData"), ",")
	if lot == "" {
		lot = "default"
	}
	d.guess("it runs "+item.Get("Application")+" in context "+item.Get("Context")+" (lot "+lot+")", "extension %s parks calls", exten)
}

// dials: an extension that dials a trunk with ${EXTEN:n} cuts off the prefix for the outside line.
func (d *discovery) dials(exten string, item ami.Message) {
	data := item.Get("AppData")
	cut := cutOff(data)
	pattern := strings.TrimPrefix(exten, "_")
	if cut == 0 || cut > len(pattern) || strings.Trim(pattern[:cut], "0123456789*#") != "" {
		return
	}
	prefix := pattern[:cut]
	trunk := slices.IndexFunc(d.cfg.Trunks, func(trunk string) bool { return dialPart(data, trunk) != "" })
	if trunk < 0 || slices.Contains(d.cfg.OutboundPrefixes, prefix) {
		return
	}
	d.cfg.OutboundPrefixes = append(d.cfg.OutboundPrefixes, prefix)
	d.guess("extension "+exten+" in context "+item.Get("Context")+" cuts it off and dials "+d.cfg.Trunks[trunk],
		"%s is dialled before numbers outside", prefix)
}

// cutOff is the n of ${EXTEN:n}.
func cutOff(data string) int {
	_, rest, found := strings.Cut(data, "${EXTEN:")
	if !found {
		return 0
	}
	digits, _, _ := strings.Cut(rest, "}")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
