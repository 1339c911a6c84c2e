package wire

// Article is an article, with its content or without.
type Article struct {
	ID            string   `json:"id"`
	Slug          string   `json:"slug"`
	Revision      int64    `json:"revision"`
	AuthorID      string   `json:"author_id"`
	Author        string   `json:"author"`
	Title         string   `json:"title"`
	Subtitle      string   `json:"subtitle"`
	Leading       string   `json:"leading"`
	Content       *string  `json:"content"`
	Tags          []string `json:"tags"`
	PublishedAt   *int64   `json:"published_at"`
	StructVersion int64    `json:"struct_version"`
}

// Revision is one entry of the history of an article.
type Revision struct {
	ArticleID string `json:"article_id"`
	Revision  int64  `json:"revision"`
	AuthorID  string `json:"author_id"`
	Title     string `json:"title"`
	Timestamp int64  `json:"timestamp"`
}

// Editor says who edits which article since when.
type Editor struct {
	ArticleID string `json:"article_id"`
	UserID    string `json:"user_id"`
	Since     int64  `json:"since"`
}

// ChatMessage is a message of the room.
type ChatMessage struct {
	ID       string `json:"id"`
	UserID   string `json:"user_id"`
	Content  string `json:"content"`
	SentAt   int64  `json:"sent_at"`
	EditedAt *int64 `json:"edited_at"`
}

// Participant is what others see of a user.
type Participant struct {
	ID       string `json:"id"`
	Username string `json:"username"`
}

// User is what a user sees of itself.
type User struct {
	ID       string  `json:"id"`
	Username string  `json:"username"`
	Email    *string `json:"email,omitempty"`
}

// ShortURL is a code and the address that it stands for.
type ShortURL struct {
	ID          string `json:"id"`
	ShortCode   string `json:"short_code"`
	TargetURL   string `json:"target_url"`
	CreatedBy   string `json:"created_by"`
	CreatedAt   int64  `json:"created_at"`
	UpdatedAt   int64  `json:"updated_at"`
	AccessCount int64  `json:"access_count"`
	IsActive    bool   `json:"is_active"`
}

// SessionInfo is what a user sees of its sessions.
type SessionInfo struct {
	SessionID string   `json:"session_id"`
	OpenedAt  int64    `json:"opened_at"`
	Kinds     []string `json:"kinds"`
}

// ArticlesState is a slice of the kind articles.
type ArticlesState struct {
	Type           string     `json:"type"`
	Articles       []*Article `json:"articles"`
	CurrentArticle *Article   `json:"current_article"`
	Revisions      []Revision `json:"revisions"`
	Editors        []Editor   `json:"editors"`
}

// ChatState is a slice of the kind chat.
type ChatState struct {
	Type             string        `json:"type"`
	Messages         []ChatMessage `json:"messages"`
	Participants     []Participant `json:"participants"`
	TypingIndicators []string      `json:"typing_indicators"`
}

// URLState is a slice of the kind url.
type URLState struct {
	Type string     `json:"type"`
	URLs []ShortURL `json:"urls"`
}

// UserState is a slice of the kind user.
type UserState struct {
	Type        string        `json:"type"`
	User        *User         `json:"user"`
	Permissions []string      `json:"permissions"`
	Sessions    []SessionInfo `json:"sessions"`
}
