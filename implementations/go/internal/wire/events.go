package wire

// The data of events, one type for each shape.

// ArticleData is the data of article.created and article.updated.
type ArticleData struct {
	Article *Article `json:"article"`
}

// ArticleGone is the data of article.deleted.
type ArticleGone struct {
	ArticleID string `json:"article_id"`
}

// ArticleSelected is the data of article.selected.
type ArticleSelected struct {
	Article   *Article   `json:"article"`
	Revisions []Revision `json:"revisions"`
}

// RevisionAdded is the data of article.revision_added.
type RevisionAdded struct {
	Revision Revision `json:"revision"`
}

// MessageData is the data of chat.message_added and chat.message_edited.
type MessageData struct {
	Message ChatMessage `json:"message"`
}

// MessageGone is the data of chat.message_deleted.
type MessageGone struct {
	MessageID string `json:"message_id"`
}

// ParticipantData is the data of chat.participant_joined.
type ParticipantData struct {
	User Participant `json:"user"`
}

// ParticipantGone is the data of chat.participant_left.
type ParticipantGone struct {
	UserID string `json:"user_id"`
}

// TypingData is the data of chat.typing_changed.
type TypingData struct {
	UserID string `json:"user_id"`
	Active bool   `json:"active"`
}

// URLData is the data of url.created and url.updated.
type URLData struct {
	URL ShortURL `json:"url"`
}

// URLGone is the data of url.deleted.
type URLGone struct {
	URLID string `json:"url_id"`
}

// UserData is the data of user.updated.
type UserData struct {
	User User `json:"user"`
}

// PermissionsData is the data of user.permissions_changed.
type PermissionsData struct {
	Permissions []string `json:"permissions"`
}

// SessionData is the data of user.session_opened.
type SessionData struct {
	Session SessionInfo `json:"session"`
}

// SessionGone is the data of user.session_closed.
type SessionGone struct {
	SessionID string `json:"session_id"`
}
