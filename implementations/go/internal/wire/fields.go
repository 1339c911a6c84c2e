package wire

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	offerPattern = regexp.MustCompile(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)$`)
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
)

// reader keeps the first fault that reading a body met (ERR-004).
type reader struct{ fault error }

// bad notes a fault; only the first one counts.
func (r *reader) bad(path, what string) {
	if r.fault == nil {
		message := strings.ReplaceAll(path[1:], "/", ".") + " " + what + "."
		r.fault = RefuseDetailed(SchemaInvalid, message, Details{Pointer: &path})
	}
}

// Fields is an object of a body that is read member by member. After a fault
// everything that is read is empty, and nobody uses it.
type Fields struct {
	*reader
	object Object
	path   string
}

func (f Fields) at(name string) string { return f.path + "/" + name }

// Get returns a member; absent ones are a fault if they are required.
func (f Fields) Get(name string, required bool) (any, bool) {
	value, ok := f.object[name]
	if !ok && required {
		f.bad(f.at(name), "is missing")
	}
	return value, ok
}

// OptText reads a string; nil if it is absent. It is a copy: what is kept of a
// body must not keep the whole of it.
func (f Fields) OptText(name string, required bool) *string {
	value, ok := f.Get(name, required)
	if !ok {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		f.bad(f.at(name), "is a string")
		return nil
	}
	text = strings.Clone(text)
	return &text
}

// Text reads a string that is required.
func (f Fields) Text(name string) string {
	if text := f.OptText(name, true); text != nil {
		return *text
	}
	return ""
}

// Bounded reads an optional text of 1 to most characters; most 0 is no bound.
func (f Fields) Bounded(name string, most int, required bool) *string {
	text := f.OptText(name, required)
	if text == nil {
		return nil
	}
	if *text == "" || most > 0 && utf8.RuneCountInString(*text) > most {
		f.bad(f.at(name), "has a length that is not allowed")
	}
	return text
}

// ID reads a required text of 1 to most characters; most 0 is no bound.
func (f Fields) ID(name string, most int) string {
	if id := f.Bounded(name, most, true); id != nil {
		return *id
	}
	return ""
}

// parseInt reads an integer as ENV-004 has it written.
func parseInt(value any) (int64, bool) {
	number, ok := value.(Number)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	return n, err == nil && n <= MaxInt && n >= -MaxInt
}

// OptInteger reads an integer of at least least; nil if it is absent.
func (f Fields) OptInteger(name string, least int64, required bool) *int64 {
	value, ok := f.Get(name, required)
	if !ok {
		return nil
	}
	n, ok := parseInt(value)
	if !ok || n < least {
		f.bad(f.at(name), "is an integer, and not too small or large")
		return nil
	}
	return &n
}

// Integer reads an integer that is required.
func (f Fields) Integer(name string, least int64) int64 {
	if n := f.OptInteger(name, least, true); n != nil {
		return *n
	}
	return 0
}

// OptBool reads a truth value; nil if it is absent.
func (f Fields) OptBool(name string, required bool) *bool {
	value, ok := f.Get(name, required)
	if !ok {
		return nil
	}
	truth, ok := value.(bool)
	if !ok {
		f.bad(f.at(name), "is true or false")
		return nil
	}
	return &truth
}

// Child reads an object; ok tells whether it is there.
func (f Fields) Child(name string, required bool) (Fields, bool) {
	inner := Fields{reader: f.reader, path: f.at(name)}
	value, ok := f.Get(name, required)
	if !ok {
		return inner, false
	}
	inner.object, ok = value.(Object)
	if !ok {
		f.bad(f.at(name), "is an object")
	}
	return inner, ok
}

// Texts reads a list of strings; nil if it is absent.
func (f Fields) Texts(name string, required bool, pattern *regexp.Regexp, unique bool) []string {
	value, ok := f.Get(name, required)
	if !ok {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		f.bad(f.at(name), "is a list of strings")
		return nil
	}
	texts := make([]string, 0, len(list))
	for i, value := range list {
		text, ok := value.(string)
		if !ok || pattern != nil && !pattern.MatchString(text) {
			f.bad(f.at(name)+"/"+strconv.Itoa(i), "is a string of the right form")
			return nil
		}
		if unique && slices.Contains(texts, text) {
			f.bad(f.at(name), "names each once")
			return nil
		}
		texts = append(texts, strings.Clone(text))
	}
	return texts
}
