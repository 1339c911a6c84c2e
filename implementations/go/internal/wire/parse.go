package wire

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Object is a JSON object; its values are Object, []any, string, Number, bool
// and nil.
type Object map[string]any

// Number is a JSON number as it was written.
type Number string

// maxDepth bounds how deep objects and lists may stand in each other.
const maxDepth = 256

// ErrJSON says that bytes are not one JSON object in UTF-8.
var ErrJSON = errors.New("not one JSON object")

// Parse reads exactly one JSON object. Unlike encoding/json it refuses what
// ENV-001 forbids: bytes that are no UTF-8, a member that stands twice, half a
// surrogate pair, and nesting without bound.
func Parse(data []byte) (Object, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: no UTF-8", ErrJSON)
	}
	p := parser{text: string(data)}
	value, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.at != len(p.text) {
		return nil, p.fault("more after the object")
	}
	object, ok := value.(Object)
	if !ok {
		return nil, fmt.Errorf("%w: no object", ErrJSON)
	}
	return object, nil
}

type parser struct {
	text string
	at   int
}

func (p *parser) fault(what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrJSON, what, p.at)
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// peek skips white space and returns the next byte, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *parser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, p.fault("nested too deep")
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.list(depth)
	case c == '"':
		return p.str()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, l := range literals {
		if strings.HasPrefix(p.text[p.at:], l.word) {
			p.at += len(l.word)
			return l.value, nil
		}
	}
	return nil, p.fault("no value")
}

var literals = [...]struct {
	word  string
	value any
}{{"true", true}, {"false", false}, {"null", nil}}

func (p *parser) object(depth int) (any, error) {
	object := Object{}
	p.at++
	if p.peek() == '}' {
		p.at++
		return object, nil
	}
	for {
		if p.peek() != '"' {
			return nil, p.fault("no name")
		}
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		if _, twice := object[name]; twice {
			return nil, p.fault("a member stands twice")
		}
		if p.peek() != ':' {
			return nil, p.fault("no colon")
		}
		p.at++
		if object[name], err = p.value(depth + 1); err != nil {
			return nil, err
		}
		switch p.peek() {
		case ',':
			p.at++
		case '}':
			p.at++
			return object, nil
		default:
			return nil, p.fault("no comma")
		}
	}
}

func (p *parser) list(depth int) (any, error) {
	list := []any{}
	p.at++
	if p.peek() == ']' {
		p.at++
		return list, nil
	}
	for {
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
		switch p.peek() {
		case ',':
			p.at++
		case ']':
			p.at++
			return list, nil
		default:
			return nil, p.fault("no comma")
		}
	}
}

func (p *parser) digits() bool {
	from := p.at
	for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at > from
}

func (p *parser) skip(set string) bool {
	if p.at < len(p.text) && strings.IndexByte(set, p.text[p.at]) >= 0 {
		p.at++
		return true
	}
	return false
}

func (p *parser) number() (any, error) {
	from := p.at
	p.skip("-")
	if !p.skip("0") && !p.digits() {
		return nil, p.fault("no digit")
	}
	if p.skip(".") && !p.digits() {
		return nil, p.fault("no digit")
	}
	if p.skip("eE") {
		p.skip("+-")
		if !p.digits() {
			return nil, p.fault("no digit")
		}
	}
	return Number(p.text[from:p.at]), nil
}

func (p *parser) str() (string, error) {
	p.at++
	from := p.at
	for p.at < len(p.text) && p.text[p.at] != '"' && p.text[p.at] != '\\' && p.text[p.at] >= ' ' {
		p.at++
	}
	if p.skip(`"`) { // the usual case: no escape
		return p.text[from : p.at-1], nil
	}
	var b strings.Builder
	b.WriteString(p.text[from:p.at])
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return b.String(), nil
		case c < ' ':
			return "", p.fault("a control character")
		case c != '\\':
			b.WriteByte(c)
			p.at++
		default:
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(r)
		}
	}
	return "", p.fault("a text without end")
}

const escapes = `"\/bfnrt`

func (p *parser) escape() (rune, error) {
	p.at++
	if p.at == len(p.text) {
		return 0, p.fault("a text without end")
	}
	c := p.text[p.at]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		p.at++
		return rune("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' {
		return 0, p.fault("an escape that JSON does not have")
	}
	r, err := p.hex()
	if err != nil || !utf16.IsSurrogate(r) {
		return r, err
	}
	if !strings.HasPrefix(p.text[p.at:], `\u`) {
		return 0, p.fault("half a surrogate pair")
	}
	p.at++
	low, err := p.hex()
	if err != nil {
		return 0, err
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, p.fault("half a surrogate pair")
	}
	return r, nil
}

// hex reads the four digits after a u.
func (p *parser) hex() (rune, error) {
	p.at++
	if p.at+4 > len(p.text) {
		return 0, p.fault("a short escape")
	}
	var r rune
	for _, c := range []byte(p.text[p.at : p.at+4]) {
		digit := strings.IndexByte("0123456789abcdef", c|0x20)
		if digit < 0 || c < '0' {
			return 0, p.fault("a bad escape")
		}
		r = r<<4 | rune(digit)
	}
	p.at += 4
	return r, nil
}
