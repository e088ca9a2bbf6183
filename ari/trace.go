package ari

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// The attributes of spans. None ever holds a number, a digit, a variable or what is played.
const (
	attrOperation = attribute.Key("asterisk.ari.operation")
	attrApp       = attribute.Key("asterisk.ari.app")
	attrChannel   = attribute.Key("asterisk.channel.id")
	attrBridge    = attribute.Key("asterisk.bridge.id")
	attrEnd       = attribute.Key("asterisk.call.end")
	attrStatus    = attribute.Key("http.response.status_code")
	attrDigits    = attribute.Key("asterisk.digits.count")
)

// span begins a span, if the client has a tracer; the function ends it.
func (c *Client) span(ctx context.Context, name string, kind trace.SpanKind, about attribute.KeyValue) (context.Context, func(error)) {
	if c.Tracer == nil {
		return ctx, notTraced
	}
	ctx, span := c.Tracer.Start(ctx, name, trace.WithSpanKind(kind), trace.WithAttributes(about))
	return ctx, func(err error) {
		endSpan(span, err)
		span.End()
	}
}

func notTraced(error) {}

// endSpan says how it ended. That the caller hangs up is no error.
func endSpan(span trace.Span, err error) {
	if err == nil {
		return
	}
	var refused *Error
	if errors.As(err, &refused) {
		span.SetAttributes(attrStatus.Int(refused.Status))
	}
	if errors.Is(err, ErrHangup) {
		span.SetAttributes(attrEnd.String("hangup"))
		return
	}
	span.SetStatus(codes.Error, reason(err))
}

// reason is why something failed, in words that hold nothing of the caller's: an error may hold what was played or asked for.
func reason(err error) string {
	var (
		refused    *Error
		unanswered *RequestError
		invalid    *InvalidRequestError
		protocol   *ProtocolError
		playback   *PlaybackError
	)
	switch {
	case errors.As(err, &refused):
		return "refused"
	case errors.As(err, &unanswered):
		return "no answer"
	case errors.As(err, &invalid):
		return "not sent"
	case errors.As(err, &protocol):
		return "not ARI"
	case errors.As(err, &playback):
		return "not played"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "given up"
	}
	return "failed"
}

// spanRequest begins the span of a request.
func (c *Client) spanRequest(ctx context.Context, op *Operation) (context.Context, func(error)) {
	if c.Tracer == nil {
		return ctx, notTraced
	}
	name := op.String()
	return c.span(ctx, "ari."+name, trace.SpanKindClient, attrOperation.String(name))
}

// spanOn begins a span of something that takes time on the channel.
func (ch *Channel) spanOn(ctx context.Context, name string) (context.Context, func(error)) {
	return ch.app.Client.span(ctx, name, trace.SpanKindInternal, attrChannel.String(ch.id))
}

// spanOn begins a span of something that takes time on the bridge.
func (b *Bridge) spanOn(ctx context.Context, name string) (context.Context, func(error)) {
	return b.app.Client.span(ctx, name, trace.SpanKindInternal, attrBridge.String(b.id))
}

// spanCall begins the span of a call.
func (s *Server) spanCall(ctx context.Context, ch *Channel) (context.Context, func(error)) {
	ctx, end := s.App.Client.span(ctx, "ari.call", trace.SpanKindServer, attrChannel.String(ch.id))
	if s.App.Client.Tracer != nil {
		trace.SpanFromContext(ctx).SetAttributes(attrApp.String(s.App.Name))
	}
	return ctx, end
}
