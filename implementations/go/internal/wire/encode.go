package wire

import (
	"cmp"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
)

// Raw is text that is in RFC 8785 form already.
type Raw []byte

// Appender is a value that writes itself in RFC 8785 form.
type Appender interface {
	AppendJSON(b []byte) []byte
}

// Marshal returns the RFC 8785 form of v. Structs are written by their json
// tags. A nil slice is an empty list (ENV-005), a nil pointer is null, and a
// field with omitempty is left out while it is nil or zero.
func Marshal(v any) []byte { return Append(nil, v) }

// Append appends the RFC 8785 form of v to b.
func Append(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...)
	case Appender:
		if p := reflect.ValueOf(v); p.Kind() == reflect.Pointer && p.IsNil() {
			return append(b, "null"...)
		}
		return v.AppendJSON(b)
	case Raw:
		return append(b, v...)
	case string:
		return appendString(b, v)
	case Number:
		return appendNumber(b, string(v))
	case bool:
		return strconv.AppendBool(b, v)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case Object:
		return appendMap(b, reflect.ValueOf(v))
	case []string:
		b = append(b, '[')
		for i, s := range v {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendString(b, s)
		}
		return append(b, ']')
	}
	return appendReflected(b, reflect.ValueOf(v))
}

func appendReflected(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return append(b, "null"...)
		}
		return Append(b, v.Elem().Interface())
	case reflect.Slice:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = Append(b, v.Index(i).Interface())
		}
		return append(b, ']')
	case reflect.Map:
		return appendMap(b, v)
	case reflect.Struct:
		return appendStruct(b, v)
	}
	panic("wire: no JSON for " + v.Type().String())
}

func appendMap(b []byte, v reflect.Value) []byte {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return compareUTF16(a.String(), b.String()) })
	b = append(b, '{')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, key.String()), ':')
		b = Append(b, v.MapIndex(key).Interface())
	}
	return append(b, '}')
}

// member is a field of a struct that has a json tag.
type member struct {
	name  string
	index []int
	omit  bool
}

var plans sync.Map // of reflect.Type to []member, sorted by name

func plan(t reflect.Type) []member {
	if known, ok := plans.Load(t); ok {
		return known.([]member)
	}
	var members []member
	for _, field := range reflect.VisibleFields(t) {
		name, option, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && name != "-" && field.IsExported() {
			members = append(members, member{name, field.Index, option == "omitempty"})
		}
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.name, b.name) })
	plans.Store(t, members)
	return members
}

func appendStruct(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	first := true
	for _, m := range plan(v.Type()) {
		field := v.FieldByIndex(m.index)
		if m.omit && field.IsZero() {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '"')
		b = append(b, m.name...)
		b = append(b, `":`...)
		b = Append(b, field.Interface())
	}
	return append(b, '}')
}

// compareUTF16 compares as RFC 8785 sorts members: by UTF-16 code units.
func compareUTF16(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

const hexDigits = "0123456789abcdef"

// appendString escapes what has to be escaped and nothing else: encoding/json
// would also escape <, >, & and the line separators of Unicode, and make more
// bytes of a text than the limits count.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(append(b, s[from:i]...), '\\')
		from = i + 1
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			b = append(b, `"\bfnrt`[at])
		} else {
			b = append(b, 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[from:]...), '"')
}

// appendNumber writes a number so that equal numbers are written in one way.
func appendNumber(b []byte, s string) []byte {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n <= MaxInt && n >= -MaxInt {
		return strconv.AppendInt(b, n, 10)
	}
	f, err := strconv.ParseFloat(s, 64)
	switch {
	case err != nil || math.IsInf(f, 0):
		return append(b, s...) // beyond a double; it stays as it was written
	case f == 0:
		return append(b, '0')
	}
	return appendDouble(b, f)
}

// appendDouble writes a double as ECMAScript does.
func appendDouble(b []byte, f float64) []byte {
	if size := math.Abs(f); size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	text := strconv.FormatFloat(f, 'e', -1, 64)
	digits, exponent, _ := strings.Cut(text, "e")
	sign := exponent[:1]
	return append(b, digits+"e"+sign+strings.TrimLeft(exponent[1:], "0")...)
}

// Size is the number of bytes of the RFC 8785 form of a text, by which the
// limits of members are measured (LIMIT-003).
func Size(s string) int {
	size := len(s) + 2
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t':
			size++
		case c < ' ':
			size += 5
		}
	}
	return size
}
