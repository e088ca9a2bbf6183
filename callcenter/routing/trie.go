package routing

// trie finds the rules whose prefixes a number begins with, in as many steps as the number has digits.
type trie struct{ nodes []trieNode }

type trieNode struct {
	next  [13]int32 // by place; 0: none
	rules []int32   // in order
}

// digitPlace is where a character stands in a node, or -1.
func digitPlace(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case c == '*':
		return 10
	case c == '#':
		return 11
	case c == '+':
		return 12
	}
	return -1
}

// add lets a rule be found by a prefix. Rules are added in order.
func (t *trie) add(prefix string, rule int32) {
	if len(t.nodes) == 0 {
		t.nodes = append(t.nodes, trieNode{})
	}
	at := int32(0)
	for i := range len(prefix) {
		p := digitPlace(prefix[i])
		if p < 0 {
			return // was checked
		}
		next := t.nodes[at].next[p]
		if next == 0 {
			next = int32(len(t.nodes))
			t.nodes = append(t.nodes, trieNode{})
			t.nodes[at].next[p] = next
		}
		at = next
	}
	node := &t.nodes[at]
	if n := len(node.rules); n == 0 || node.rules[n-1] != rule {
		node.rules = append(node.rules, rule)
	}
}

// find adds the lists of rules that a number leads to.
func (t *trie) find(key string, found *cursors) {
	if len(t.nodes) == 0 {
		return
	}
	at := int32(0)
	for i := 0; ; i++ {
		found.add(t.nodes[at].rules)
		if i == len(key) {
			return
		}
		p := digitPlace(key[i])
		if p < 0 {
			return
		}
		if at = t.nodes[at].next[p]; at == 0 {
			return
		}
	}
}

// cover returns the fewest prefixes that all numbers between two of one length begin with, and no others of that length.
func cover(from, to string) []string {
	common := 0
	for common < len(from) && from[common] == to[common] {
		common++
	}
	if common == len(from) {
		return []string{from}
	}
	head, low, high := from[:common], from[common:], to[common:]
	if all(low[1:], '0') && all(high[1:], '9') {
		var list []string
		if low[0] == '0' && high[0] == '9' {
			return []string{head}
		}
		for d := low[0]; d <= high[0]; d++ {
			list = append(list, head+string(rune(d)))
		}
		return list
	}
	nines, zeros := repeat(len(low)-1, '9'), repeat(len(low)-1, '0')
	list := cover(head+low, head+low[:1]+nines)
	for d := low[0] + 1; d < high[0]; d++ {
		list = append(list, head+string(rune(d)))
	}
	return append(list, cover(head+high[:1]+zeros, head+high)...)
}

func all(text string, c byte) bool {
	for i := range len(text) {
		if text[i] != c {
			return false
		}
	}
	return true
}

func repeat(n int, c byte) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = c
	}
	return string(b)
}
