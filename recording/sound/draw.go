package sound

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
)

// Drawing says how a waveform looks. The zero value draws dark blue on nothing, 80 pixels high for each channel.
type Drawing struct {
	// Height is that of a channel in pixels, at most 1000; each stretch is a pixel wide. Default: 80.
	Height int
	// Wave is the color of the waveform, Background what is behind it. Default: a dark blue, and nothing.
	Wave, Background color.NRGBA
}

// The defaults of [Drawing].
const (
	defaultHeight = 80
	maxHeight     = 1000
)

var defaultWave = color.NRGBA{R: 0x1F, G: 0x4E, B: 0x8C, A: 0xFF}

func (d Drawing) filled() Drawing {
	if d.Height <= 0 {
		d.Height = defaultHeight
	}
	d.Height = min(d.Height, maxHeight)
	if d.Wave == (color.NRGBA{}) {
		d.Wave = defaultWave
	}
	return d
}

// bar is where a channel's stretch is drawn, in pixels from above: at least one high, so that silence is a line.
func (p *Peaks) bar(i, channel, height int) (top, bottom int) {
	at := 2 * (i*p.Channels + channel)
	low, high := int(p.Data[at]), int(p.Data[at+1])
	y := func(sample int) int { return channel*height + (32767-sample)*height/65536 }
	return y(high), y(low) + 1
}

// SVG writes the waveform as a picture that browsers scale: it fills whatever it is put into. Channels are below each other.
func (p *Peaks) SVG(to io.Writer, d Drawing) error {
	d = d.filled()
	w := bufio.NewWriter(to)
	width, height := max(p.Length, 1), d.Height*p.Channels
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" preserveAspectRatio="none">`, width, height)
	if d.Background.A > 0 {
		fmt.Fprintf(w, `<rect width="%d" height="%d" %s/>`, width, height, fill(d.Background))
	}
	fmt.Fprintf(w, `<path %s d="`, fill(d.Wave))
	for i := range p.Length {
		for channel := range p.Channels {
			top, bottom := p.bar(i, channel, d.Height)
			fmt.Fprintf(w, "M%d %dh1v%dh-1z", i, top, bottom-top)
		}
	}
	fmt.Fprint(w, `"/></svg>`)
	return w.Flush()
}

func fill(c color.NRGBA) string {
	return fmt.Sprintf(`fill="#%02x%02x%02x" fill-opacity="%.2f"`, c.R, c.G, c.B, float64(c.A)/0xFF)
}

// PNG writes the waveform as a picture, a pixel wide for each stretch. Channels are below each other.
func (p *Peaks) PNG(to io.Writer, d Drawing) error {
	d = d.filled()
	colors := color.Palette{d.Background, d.Wave}
	picture := image.NewPaletted(image.Rect(0, 0, max(p.Length, 1), d.Height*p.Channels), colors)
	for i := range p.Length {
		for channel := range p.Channels {
			top, bottom := p.bar(i, channel, d.Height)
			for y := top; y < bottom; y++ {
				picture.SetColorIndex(i, y, 1)
			}
		}
	}
	return png.Encode(to, picture)
}
