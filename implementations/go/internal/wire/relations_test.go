package wire

import "slices"

// relations are the rules between members of one object, by its type.
var relations = map[string]func(f *form, o Object, at string){
	"Refusal":       errorFits,
	"ArticlesState": contentWhereDue,
	"ArticleSelected": func(f *form, o Object, at string) {
		if article, ok := o["article"].(Object); ok && article["content"] == nil {
			f.bad(at + "/article/content")
		}
	},
	"Hint":        hintIsPublic,
	"Participant": func(f *form, o Object, at string) { f.without(o, at, "email") },
	"Event": func(f *form, o Object, at string) {
		if o["actor"] == nil && o["cause"] != nil {
			f.bad(at + "/cause")
		}
	},
	"Opened": func(f *form, o Object, at string) {
		f.has(o, at, "profiles", "core")
		f.has(o, at, "actions", "session.noop")
		if kinds, ok := o["kinds"].([]any); ok && len(kinds) == 0 {
			f.bad(at + "/kinds")
		}
	},
	"Resumed": func(f *form, o Object, at string) {
		if messages, ok := o["messages"].([]any); ok && (o["mode"] == "replay") != (len(messages) > 0) {
			f.bad(at + "/messages")
		}
	},
}

func (f *form) without(o Object, at string, names ...string) {
	for _, name := range names {
		if _, there := o[name]; there {
			f.bad(at + "/" + name)
		}
	}
}

func (f *form) has(o Object, at, name string, entry any) {
	if list, ok := o[name].([]any); ok && !slices.Contains(list, entry) {
		f.bad(at + "/" + name)
	}
}

func contentWhereDue(f *form, o Object, at string) {
	entries, _ := o["articles"].([]any)
	for i, entry := range entries {
		if article, ok := entry.(Object); ok && article["content"] != nil {
			f.bad(at + "/articles/" + string(rune('0'+i)) + "/content")
		}
	}
	if article, ok := o["current_article"].(Object); ok && article["content"] == nil {
		f.bad(at + "/current_article/content")
	}
}

func hintIsPublic(f *form, o Object, at string) {
	f.without(o, at, "user_id", "session_id", "epoch", "seq", "last_action_seq", "actor", "cause")
	data, _ := o["data"].(Object)
	article, ok := data["article"].(Object)
	if ok && article["published_at"] == nil {
		f.bad(at + "/data/article/published_at")
	}
	if ok && article["content"] == nil {
		f.bad(at + "/data/article/content")
	}
}

// details are the members that an error of a code has to have.
var details = map[Code]string{UnsupportedVersion: "supported", RevisionConflict: "revision", ClientSeqGap: "expected"}

func errorFits(f *form, o Object, at string) {
	n, _ := parseInt(o["code"])
	c, known := codes[Code(n)]
	if !known {
		f.bad(at + "/code")
		return
	}
	if o["name"] != c.name {
		f.bad(at + "/name")
	}
	if o["retryable"] != c.retryable {
		f.bad(at + "/retryable")
	}
	if Code(n) == RateLimited && o["retry_after_ms"] == nil {
		f.bad(at + "/retry_after_ms")
	}
	if name := details[Code(n)]; name != "" {
		inner, ok := o["details"].(Object)
		if !ok {
			f.bad(at + "/details")
		} else if inner[name] == nil {
			f.bad(at + "/details/" + name)
		}
	}
}
