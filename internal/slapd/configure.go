package slapd

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// configure writes slapd.conf and the files that it names.
func (s *Server) configure(cfg Config) error {
	modules, err := s.root.Path("usr/lib/ldap")
	if err != nil {
		return err
	}
	schema, err := s.root.Path("etc/ldap/schema")
	if err != nil {
		return err
	}
	var conf strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&conf, format+"\n", args...) }
	for _, name := range []string{"core", "cosine", "inetorgperson"} {
		line("include %s", filepath.Join(schema, name+".schema"))
	}
	line("modulepath %s\nmoduleload back_mdb", modules)
	line("pidfile %s\nargsfile %s", s.path("pid"), s.path("args"))
	line("sizelimit %d", cmp.Or(cfg.SizeLimit, 500))
	if len(cfg.Certificate) > 0 {
		line("TLSCertificateFile %s\nTLSCertificateKeyFile %s", s.path("cert.pem"), s.path("key.pem"))
		for name, content := range map[string][]byte{"cert.pem": cfg.Certificate, "key.pem": cfg.Key} {
			if err := os.WriteFile(s.path(name), content, 0o600); err != nil {
				return err
			}
		}
	}
	line("%s", cfg.Global)
	line("database mdb\nsuffix %q\nrootdn %q\nrootpw %s", s.Suffix, s.AdminDN, Password)
	line("directory %s\nmaxsize 268435456\nenvflags nosync", s.path("db"))
	for _, index := range []string{"objectClass eq", "uid eq", "telephoneNumber,mobile eq,sub", "ou,member eq"} {
		line("index %s", index)
	}
	line("%s", cfg.Database)
	line("access to attrs=userPassword by anonymous auth by * none")
	line("access to * by users read by anonymous auth by * none")
	if err := os.Mkdir(s.path("db"), 0o700); err != nil {
		return err
	}
	return os.WriteFile(s.path("slapd.conf"), []byte(conf.String()), 0o600)
}

// suffixEntry is the entry of a suffix that begins with a dc or an o.
func suffixEntry(suffix string) string {
	first, _, _ := strings.Cut(suffix, ",")
	attribute, value, _ := strings.Cut(first, "=")
	if strings.EqualFold(attribute, "dc") {
		return fmt.Sprintf("dn: %s\nobjectClass: dcObject\nobjectClass: organization\ndc: %s\no: %s\n\n", suffix, value, value)
	}
	return fmt.Sprintf("dn: %s\nobjectClass: organization\no: %s\n\n", suffix, value)
}
