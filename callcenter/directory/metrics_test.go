package directory_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/asterism-go/asterism/callcenter/directory"
)

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := directory.NewMetrics("pbx1")
		source := knows("ldap", maria)
		chain := chainOf(source, fails("http", errBroken))
		chain.Metrics = m
		c := &directory.Cache{Directory: chain, Metrics: m, TTL: time.Minute}
		ask := func(number string) { _, _ = c.ByNumber(t.Context(), plan.Parse("", number)) }
		ask("2101234567")
		ask("2101234567")
		ask("2310999999")
		_, _ = c.ByUsername(t.Context(), "maria")
		if err := testutil.GatherAndCompare(gatherer(m), strings.NewReader(`
# HELP asterisk_directory_source_up Whether the last question to the source was answered.
# TYPE asterisk_directory_source_up gauge
asterisk_directory_source_up{pbx="pbx1",source="http"} 0
asterisk_directory_source_up{pbx="pbx1",source="ldap"} 1
`), "asterisk_directory_source_up"); err != nil {
			t.Error(err)
		}
		source.answer = fails("ldap", errBroken).answer
		<-time.After(time.Minute)
		ask("2101234567")
		ask("2101234567")

		const want = `
# HELP asterisk_directory_cache_requests_total Lookups in the cache, by how they ended.
# TYPE asterisk_directory_cache_requests_total counter
asterisk_directory_cache_requests_total{pbx="pbx1",result="hit"} 1
asterisk_directory_cache_requests_total{pbx="pbx1",result="miss"} 4
asterisk_directory_cache_requests_total{pbx="pbx1",result="negative"} 0
asterisk_directory_cache_requests_total{pbx="pbx1",result="shared"} 0
asterisk_directory_cache_requests_total{pbx="pbx1",result="stale"} 2
# HELP asterisk_directory_lookups_total Lookups that asked sources, by what was looked for and how they ended.
# TYPE asterisk_directory_lookups_total counter
asterisk_directory_lookups_total{by="number",pbx="pbx1",result="found"} 1
asterisk_directory_lookups_total{by="number",pbx="pbx1",result="unavailable"} 2
asterisk_directory_lookups_total{by="username",pbx="pbx1",result="found"} 1
# HELP asterisk_directory_source_requests_total Questions to sources, by how they ended.
# TYPE asterisk_directory_source_requests_total counter
asterisk_directory_source_requests_total{pbx="pbx1",result="failed",source="http"} 2
asterisk_directory_source_requests_total{pbx="pbx1",result="failed",source="ldap"} 1
asterisk_directory_source_requests_total{pbx="pbx1",result="found",source="ldap"} 2
asterisk_directory_source_requests_total{pbx="pbx1",result="not_found",source="ldap"} 1
# HELP asterisk_directory_source_up Whether the last question to the source was answered.
# TYPE asterisk_directory_source_up gauge
asterisk_directory_source_up{pbx="pbx1",source="http"} 0
asterisk_directory_source_up{pbx="pbx1",source="ldap"} 0
`
		registry := gatherer(m)
		err := testutil.GatherAndCompare(registry, strings.NewReader(want), "asterisk_directory_cache_requests_total",
			"asterisk_directory_lookups_total", "asterisk_directory_source_requests_total", "asterisk_directory_source_up")
		if err != nil {
			t.Error(err)
		}
		problems, err := testutil.GatherAndLint(registry)
		if err != nil || len(problems) > 0 {
			t.Errorf("promlint: %v, %v", problems, err)
		}
	})
}

func gatherer(m *directory.Metrics) prometheus.Gatherer {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m)
	return registry
}
