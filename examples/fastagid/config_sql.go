package main

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql" // driver: mysql
	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // driver: postgres
	_ "modernc.org/sqlite"             // driver: sqlite

	"github.com/asterism-go/asterism/callcenter/directory"
	"github.com/asterism-go/asterism/callcenter/directory/sqldir"
)

// drivers are the databases that a sql source can ask, by the names that database/sql has for them.
var drivers = map[string]string{"mysql": "mysql", "postgres": "pgx", "sqlite": "sqlite"}

// defaultConnections is how many connections to a database there are at most if nothing else is said.
const defaultConnections = 8

// sqlConfig is sqldir's own, and the database.
type sqlConfig struct {
	sqldir.Config `yaml:",inline"`
	// Driver is mysql (MariaDB too), postgres or sqlite.
	Driver string `yaml:"driver"`
	// DSN is the database's data source name in the driver's form. DSNFile is a file that holds it instead: it has a password
	// in it, usually.
	DSN     directory.Secret `yaml:"dsn"`
	DSNFile string           `yaml:"dsn_file"`
	// Connections bounds the connections to it. Default: 8.
	Connections int `yaml:"connections"`
}

// sqlSource is a source with a database of its own.
type sqlSource struct {
	*sqldir.Source
	db *sql.DB
}

// Close closes the database.
func (s sqlSource) Close() error { return s.db.Close() }

// idleTime is how long a connection may be idle.
const idleTime = 5 * time.Minute

// errDSN says no more: what the drivers say of a data source name that they cannot parse may hold parts of the password.
var errDSN = errors.New("sql: dsn: the driver cannot parse it")

// checkDSN parses a data source name, so that the drivers need not complain of it later.
func checkDSN(driver, dsn string) error {
	switch driver {
	case "mysql":
		cfg, err := mysql.ParseDSN(dsn)
		if err != nil {
			return errDSN
		}
		if cfg.Net != "tcp" && cfg.Net != "unix" {
			return errors.New("sql: dsn: want USER:PASSWORD@tcp(HOST:PORT)/DATABASE, or unix(SOCKET)")
		}
	case "postgres":
		if _, err := pgx.ParseConfig(dsn); err != nil {
			return errDSN
		}
	}
	return nil
}

func (c *sqlConfig) open() (closableSource, error) {
	driver, known := drivers[c.Driver]
	if !known {
		return nil, fmt.Errorf("sql: driver %q: want mysql, postgres or sqlite", c.Driver)
	}
	if (c.DSN == "") == (c.DSNFile == "") {
		return nil, errors.New("sql: want either dsn or dsn_file")
	}
	if c.Connections < 0 {
		return nil, fmt.Errorf("sql: connections: %d: want at least 1", c.Connections)
	}
	dsn := string(c.DSN)
	if c.DSNFile != "" {
		var err error
		if dsn, err = readSecretText(c.DSNFile); err != nil {
			return nil, err
		}
	}
	cfg := c.Config
	if c.Driver == "postgres" {
		cfg.Placeholder = sqldir.Dollar // it knows no other
	}
	if err := checkDSN(c.Driver, dsn); err != nil {
		return nil, err
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, errDSN
	}
	db.SetConnMaxIdleTime(idleTime) // before a firewall forgets the connection
	n := cmp.Or(c.Connections, defaultConnections)
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	cfg.DB = db
	source, err := sqldir.New(cfg)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return sqlSource{source, db}, nil
}
