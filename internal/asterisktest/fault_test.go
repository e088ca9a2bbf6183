package asterisktest

import "testing"

func TestConfigFault(t *testing.T) {
	files := map[string]string{"extensions.conf": "", "pjsip.conf": ""}
	skipped := map[string]int{"pjsip.conf": 4}
	tests := []struct{ name, log, want string }{
		{"nothing", "[Nov 24 16:04:27] NOTICE[1] loader.c: 361 modules will be loaded.\n", ""},
		{
			"another file's", "[Nov 24 16:04:27] WARNING[1] config.c: No '=' (equal sign) in line 2 of /etc/asterisk/queues.conf\n", "",
		},
		{
			"section not closed", "[Nov 24 16:04:27] WARNING[4770] config.c: parse error: no closing ']', line 1 of /tmp/x/etc/extensions.conf\n",
			"extensions.conf:1: Asterisk says: parse error: no closing ']': correct the file",
		},
		{
			"after a default, during a call", "[Nov 24 16:04:27] ERROR[4770][C-00000001] config.c: No '=' (equal sign) in line 6 of /tmp/x/etc/pjsip.conf\n",
			"pjsip.conf:2: Asterisk says: No '=' (equal sign): correct the file",
		},
		{
			"several", "[Nov 24 16:04:33] NOTICE[4952] pbx.c: Cannot find extension '100' in context 'foo'\n" +
				"[Nov 24 16:04:33] WARNING[4952] pbx_config.c: Invalid priority/label 'Answer' at line 2 of extensions.conf\n" +
				"[Nov 24 16:04:33] WARNING[4952] pbx_config.c: ==!!== Unknown directive: foo at line 9 of extensions.conf -- IGNORING!!!\n",
			"extensions.conf:2: Asterisk says: Invalid priority/label 'Answer' (and 1 more like it): correct the file",
		},
		{
			"an object", "[Nov 24 16:04:02] ERROR[4671] res_sorcery_config.c: Could not create an object of type 'endpoint' with id '101' from configuration file 'pjsip.conf'\n",
			"pjsip.conf: Asterisk says: Could not create an object of type 'endpoint' with id '101': correct the file",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := configFault(test.log, files, skipped); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("fault is %q\nwant     %q", got, test.want)
			}
		})
	}
}

func TestBindFault(t *testing.T) {
	for line, want := range map[string]bool{
		"[Nov 24 16:04:02] ERROR[1] tcptls.c: Unable to bind http server to 127.0.0.1:28088: Address already in use\n":                                             true,
		"[Nov 24 16:04:02] ERROR[1] tcptls.c: Unable to bind AMI server to 127.0.0.1:25038: Address already in use\n":                                              true,
		"[Nov 24 16:04:02] ERROR[1] res_pjsip/config_transport.c: Transport 'transport-udp' could not be started: Address already in use\n":                        true,
		"[Nov 24 16:04:02] ERROR[1] res_pjsip/config_transport.c: Transport 'other' could not be started: No such file or directory\n":                             false,
		"[Nov 24 16:04:02] WARNING[1] http.c: Failed to start HTTP server 'http server' at address '127.0.0.1:28088'\n[Nov 24 16:04:02] NOTICE[1] x.c: all well\n": false,
	} {
		if got := bindFault(line) != nil; got != want {
			t.Errorf("port taken: %v, want %v: %s", got, want, line)
		}
	}
}

func TestParseVersion(t *testing.T) {
	for output, want := range map[string]string{
		"Asterisk 22.10.1+dfsg+~cs6.17.60671434-1\n": "22.10.1",
		"Asterisk 16.28.0~dfsg-0+deb11u4\n":          "16.28.0",
		"Asterisk certified/18.9-cert5\n":            "18.9",
		"Asterisk GIT-master-1234\n":                 "",
		"hello\n":                                    "",
	} {
		if got := parseVersion(output); got != want {
			t.Errorf("parseVersion(%q) = %q, want %q", output, got, want)
		}
	}
}
