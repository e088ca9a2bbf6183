package ariroute_test

import (
	"context"
	"log"
	"os"

	"github.com/asterism-go/asterism/ari"
	"github.com/asterism-go/asterism/callcenter/routing"
	"github.com/asterism-go/asterism/callcenter/routing/ariroute"
)

// The calls of the application helpdesk go where the rules say.
func Example() {
	set, err := routing.Read("helpdesk.yaml")
	if err != nil {
		log.Fatal(err)
	}
	handler := &ariroute.Handler{Router: routing.New(set, routing.Config{}), Trunk: "provider"}
	client := &ari.Client{URL: "http://127.0.0.1:8088/ari", Username: "helpdesk", Password: os.Getenv("ASTERISM_ARI_SECRET")}
	err = ari.Serve(context.Background(), &ari.App{Client: client, Name: "helpdesk"}, handler.Handle)
	log.Fatal(err)
}
