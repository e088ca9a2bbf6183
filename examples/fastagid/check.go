package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"time"
)

// reachTimeout bounds how long check tries to reach a webhook.
const reachTimeout = 3 * time.Second

// checkFile says all that is wrong with a configuration, webhooks that cannot be reached included.
func checkFile(ctx context.Context, name string, stdout io.Writer) error {
	cfg, file, err := loadConfig(name)
	if file == nil {
		return err
	}
	errs := []error{err}
	for i, r := range cfg.Routes {
		if r.Webhook == nil {
			continue
		}
		if err := reach(ctx, r.Webhook.URL); err != nil {
			errs = append(errs, file.Errorf(fmt.Sprintf("$.routes[%d].webhook.url", i), "%v", err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d routes, nothing wrong\n", name, len(cfg.Routes))
	return nil
}

// reach connects to the server of a webhook, and sends nothing.
func reach(ctx context.Context, address string) error {
	target, err := url.Parse(address)
	if err != nil || target.Host == "" {
		return nil // said already
	}
	port := target.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[target.Scheme]
	}
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(target.Hostname(), port))
	if err != nil {
		return fmt.Errorf("the webhook cannot be reached: %w", err)
	}
	return conn.Close()
}
