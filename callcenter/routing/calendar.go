package routing

import "github.com/asterism-go/asterism/internal/hours"

// calendar is a [Calendar] made ready.
type calendar struct {
	*hours.Calendar
	name string
}

// newCalendar makes a calendar ready. wrong is told what is wrong, with its key.
func newCalendar(name string, cfg Calendar, wrong func(key, format string, args ...any)) *calendar {
	ready := hours.New(hours.Config{Zone: cfg.Zone, Hours: cfg.Hours, Holidays: cfg.Holidays, Open: cfg.Open}, wrong)
	return &calendar{ready, name}
}
