// The types of the seed as they stand there, with the words that clients of it use. No module can hold all of them: two
// constructors have one name.

pub type SessionState {
  SessionState(
    user_id: String,
    session_id: String,
    timestamp: Int,
    data: StateData,
  )
}

pub type StateData {
  ArticlesState(ArticlesState)
  ChatState(ChatState)
  UrlState(UrlState)
  UserState(UserState)
}

pub type ArticlesState {
  ArticlesState(
    articles: List(Article),
    current_article: Option(Article),
    revisions: List(Revision),
  )
}

pub type ChatState {
  ChatState(
    messages: List(ChatMessage),
    participants: List(User),
    typing_indicators: List(String), // user_ids
  )
}

type HybridState {
  HybridState(
    session_id: String,
    user_id: String,
    local_state: LocalState,
    server_state: Option(ServerState),
  )
}

type LocalState {
  LocalState(
    ui_state: UiState,
    pending_actions: List(UserAction),
  )
}
