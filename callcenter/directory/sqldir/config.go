package sqldir

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/asterism-go/asterism/callcenter/directory/internal/record"
)

// Placeholder is how a driver writes the parameters of a query.
type Placeholder int

const (
	// Question is ?, as MySQL and SQLite write it.
	Question Placeholder = iota
	// Dollar is $1, as PostgreSQL writes it.
	Dollar
	// At is @p1, as SQL Server writes it.
	At
	// Colon is :1, as Oracle writes it.
	Colon
)

// placeholders are the texts of placeholders in configuration files.
var placeholders = [...]string{Question: "?", Dollar: "$1", At: "@p1", Colon: ":1"}

// String is the placeholder of the first parameter.
func (p Placeholder) String() string { return p.parameter(1) }

// MarshalText implements [encoding.TextMarshaler].
func (p Placeholder) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler]: it takes ?, $1, @p1 or :1.
func (p *Placeholder) UnmarshalText(text []byte) error {
	i := slices.Index(placeholders[:], string(text))
	if i < 0 {
		return fmt.Errorf("placeholder %q: want one of %s", text, strings.Join(placeholders[:], ", "))
	}
	*p = Placeholder(i)
	return nil
}

func (p Placeholder) parameter(i int) string {
	switch p {
	case Dollar:
		return "$" + strconv.Itoa(i)
	case At:
		return "@p" + strconv.Itoa(i)
	case Colon:
		return ":" + strconv.Itoa(i)
	default:
		return "?"
	}
}

// DefaultMaxRows is the default of [Config].MaxRows.
const DefaultMaxRows = 200

// Config says what to ask.
type Config struct {
	// Name is the source's name. Default: "sql".
	Name string `yaml:"name"`
	// DB is the database. It stays the caller's: the source does not close it. Its limits of connections are the caller's to
	// set.
	DB *sql.DB `yaml:"-"`
	// Placeholder is how the driver writes parameters. Default: Question.
	Placeholder Placeholder `yaml:"placeholder"`
	// ByNumber finds people by a number. Its parameters are the forms of the number; one that the number does not have is
	// NULL, which equals nothing:
	//
	//	{e164}      +302101234567
	//	{national}  2101234567
	//	{digits}    what was dialled, digits only: for extensions
	//	{number}    {e164}, else {digits}
	//	{last}      the last digits, LastDigits of them
	//	{ending}    % and the last digits, for LIKE
	//	{region}    GR
	//
	// It may find too many: the Chain compares them by the numbers in the answer. To somebody without numbers the source's
	// word is taken, but not if the query has {last} or {ending}: then who has none is left out. Empty: nobody is found by number.
	ByNumber string `yaml:"by_number"`
	// ByUsername finds people by {username}. Empty: nobody is found by username.
	ByUsername string `yaml:"by_username"`
	// LastDigits is how many digits {last} and {ending} have. Default: 8.
	LastDigits int `yaml:"last_digits"`
	// Mapping says what the columns are whose names do not: from the column's name to one of username, name, given_name,
	// family_name, organisation, unit, number, email, group, or to "" for none of them. Of number, email and group there
	// may be several columns, and several values in one, separated by semicolons. Rows with the same username are one
	// person. All columns are the person's Attributes too.
	Mapping map[string]string `yaml:"mapping"`
	// MaxRows bounds the rows read of an answer; more are [directory.ErrTooMany]. Default: DefaultMaxRows.
	MaxRows int `yaml:"max_rows"`
}

// query is a query with the names of its parameters in order.
type query struct {
	text  string
	names []string
}

// prepare puts the driver's placeholders into a query.
func (cfg *Config) prepare(template string, names []string) (query, error) {
	pieces, err := record.Split(template, names)
	if err != nil {
		return query{}, err
	}
	var text strings.Builder
	var q query
	for _, piece := range pieces {
		if piece.Name == "" {
			text.WriteString(piece.Text)
			continue
		}
		if strings.Count(text.String(), "'")%2 != 0 {
			return query{}, fmt.Errorf("{%s} is inside quotes, where no parameter can be: write '%%' || {last}, or {ending}", piece.Name)
		}
		q.names = append(q.names, piece.Name)
		text.WriteString(cfg.Placeholder.parameter(len(q.names)))
	}
	q.text = text.String()
	if q.text != "" && len(q.names) == 0 {
		return query{}, fmt.Errorf("it has no parameter: want one of {%s}", strings.Join(names, "}, {"))
	}
	return q, nil
}
