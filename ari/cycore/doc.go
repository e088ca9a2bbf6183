// Package cycore joins package ari and programs that are written for github.com/CyCoreSystems/ari/v5, in both directions.
//
// # Programs of v5 over our transport
//
// [Wrap] makes a client of v5 of an [ari.App]. What takes that client goes on as it is, the extensions ext/play and ext/record
// of v5 too:
//
//	app := &ari.App{Client: &ari.Client{URL: url, Username: user, Password: password}, Name: "ivr"}
//	client, err := cycore.Wrap(ctx, app) // in place of native.Connect(&native.Options{...})
//	...
//	sub := client.Bus().Subscribe(nil, v5.Events.StasisStart)
//
// What differs from native.Connect:
//
//   - Wrap ends with ctx, and with an error if the password is wrong; native.Connect tries for ever.
//   - A subscription loses nothing until as many events wait as App.QueueSize says. What is lost beyond is counted in
//     [Client.Lost] and logged, and a subscription to [GapType] is told. Close ends all subscriptions.
//   - When the websocket is lost, it is made again, with everything that the App subscribes to; the calls that ended
//     meanwhile get their StasisEnd, and a subscription to [GapType] is told.
//   - Events of types that v5 does not know come as [Unknown], to those who subscribe to them or to v5.Events.All. A program
//     that takes all must not trust that it knows every type: [Gap] comes there too.
//   - An error is an [*Error]: native.CodeFromError has its status, and it holds Asterisk's reason. Requests last
//     as long as Client.Timeout, not 2 s.
//   - Values are escaped: a name with a slash, and a variable such as MATH(1+2,int), are what they are.
//   - A wrong time of DTMFOptions is not sent; ExternalMedia does not demand a host where the transport needs none; LogData
//     has its levels.
//
// # Our rooms over a client of v5
//
// [From] makes an App of a client of v5 that there is already, so that handlers of [ari.Serve] share it; [FromNode] is for one
// Asterisk of an ari-proxy cluster. It can do what v5 can: the rest is an [*UnsupportedError].
//
// # From v5 to package ari, step by step
//
// With Wrap in place, one function after the other can be rewritten: [Client.App] has the application.
//
//	v5                                          package ari
//	client.Channel().Originate(key, request)    app.Originate(ctx, params), then ch.Wait(ctx)
//	h.Subscribe(...), h.Exec(), <-sub.Events()  nothing: the methods that wait do so
//	play.Play(ctx, h, play.URI(...)).Result()   ch.Play(ctx, ...)
//	play.Prompt(ctx, h, ...)                    ch.Collect(ctx, ari.Digits{...})
//	record.Record(ctx, h, ...).Result()         ch.Record(ctx, ...)
//	ari.ChannelContext(h)                       the ctx of the handler of ari.Serve
//	client.Bus().Subscribe(nil, types...)       app.Events(ctx)
//	native.CodeFromError(err) == 404            ari.IsNotFound(err)
//	bridgemon                                   bridges know their channels: see ari.Channel.Bridge
//	key.Node                                    one Client for each Asterisk
//
// v5 has been without a release since 2022 (v5.3.1, which this is checked with). What it lacks, such as 22 operations of
// Asterisk 22, is in package ari.
package cycore
