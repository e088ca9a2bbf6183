package ldapdir

import (
	"context"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"

	"github.com/asterism-go/asterism/callcenter/directory"
)

// people makes people of entries.
func (s *Source) people(entries []*ldap.Entry) []directory.Person {
	people := make([]directory.Person, len(entries))
	for i, entry := range entries {
		people[i] = s.cfg.Mapping.person(entry)
		people[i].Source = s.cfg.Name
	}
	return people
}

// addGroups asks for the groups of all the people at once. people[i] is made of entries[i].
func (s *Source) addGroups(ctx context.Context, c *conn, people []directory.Person, entries []*ldap.Entry) error {
	var filter strings.Builder
	filter.WriteString("(|")
	for _, entry := range entries {
		filter.WriteString("(" + s.cfg.GroupMember + "=" + ldap.EscapeFilter(entry.DN) + ")")
	}
	filter.WriteString(")")
	// without the members, of which a group may have thousands: who is in which is asked only where it is not plain
	if len(entries) == 1 {
		groups, err := c.search(ctx, s.groupRequest(filter.String(), "1.1"))
		if err != nil {
			return err
		}
		for _, group := range groups {
			people[0].Groups = append(people[0].Groups, groupName(group.DN))
		}
		return nil
	}
	groups, err := c.search(ctx, s.groupRequest(filter.String(), s.cfg.GroupMember))
	if err != nil {
		return err
	}
	for _, group := range groups {
		members := group.GetEqualFoldAttributeValues(s.cfg.GroupMember)
		for i, entry := range entries {
			if slices.ContainsFunc(members, func(dn string) bool { return strings.EqualFold(dn, entry.DN) }) {
				people[i].Groups = append(people[i].Groups, groupName(group.DN))
			}
		}
	}
	return nil
}

func (s *Source) groupRequest(filter, attribute string) *ldap.SearchRequest {
	request := s.request(s.cfg.GroupBaseDN, filter, []string{attribute})
	request.SizeLimit = maxValues
	return request
}
