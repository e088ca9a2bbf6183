package vsftpd_test

import (
	"bufio"
	"net"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/asterism-go/asterism/internal/vsftpd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The user can log in, and nobody else.
func TestLogin(t *testing.T) {
	server := vsftpd.Start(t, vsftpd.Config{})
	for password, want := range map[string]string{"wrong": "530", vsftpd.Password: "230"} {
		if got := login(t, server.Addr.String(), password); !strings.HasPrefix(got, want) {
			t.Errorf("with the password %q the answer is %q, want %s", password, got, want)
		}
	}
}

// login is the answer to a password.
func login(t *testing.T, addr, password string) (answer string) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answers := bufio.NewReader(c)
	for _, send := range []string{"", "USER " + vsftpd.User + "\r\n", "PASS " + password + "\r\n"} {
		if _, err := c.Write([]byte(send)); err != nil {
			t.Fatal(err)
		}
		if answer, err = answers.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	return answer
}
