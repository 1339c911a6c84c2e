//// The seed's hybrid client: what the user wants beside what the server says. An app keeps a `HybridState` in its
//// model; a client beneath it (`omni/nats`) tells it what the server says, and is told what the user does.

import gleam/list
import gleam/option.{type Option, None, Some}
import omni/action
import omni/client/model.{
  type Failure, type Model, type Pending, Closed, Dropped, GivenUp, Nacked,
  Optimistic,
}
import omni/optimistic.{Folding}
import omni/position.{type Position}
import omni/types.{type Slices}

/// A session as an app shows it. `server_state` is there from the first `session.opened` on.
pub type HybridState(ui_state) {
  HybridState(
    session_id: String,
    user_id: String,
    local_state: LocalState(ui_state),
    server_state: Option(ServerState),
  )
}

/// What is the client's own: how the page looks, and the actions that are not known to be done, in the order of
/// dispatch. The oldest stands first, so a new one is put at the end.
pub type LocalState(ui_state) {
  LocalState(ui_state: ui_state, pending_actions: List(action.UserAction))
}

/// What the server says: the slices and their place. `view` has the pending actions on top of them.
pub type ServerState {
  ServerState(
    position: Position,
    slices: Slices,
    view: Slices,
    pending_actions: List(action.UserAction),
  )
}

/// What an app hears.
pub type HybridMsg {
  /// Of the client, after whatever changed there.
  ServerStateUpdate(session_id: String, server_state: Option(ServerState))
  /// Of the user.
  UserAction(action: action.UserAction)
  /// Of the client: an action was refused or given up. Tell the user.
  ActionFailed(failure: Failure)
}

/// What an app wants done.
pub type HybridEffect {
  /// To be handed to the client, which numbers, sends and repeats it.
  Dispatch(action: action.UserAction)
}

/// Before anything is known.
pub fn init_hybrid(user_id: String, ui_state: ui) -> HybridState(ui) {
  HybridState("", user_id, LocalState(ui_state, []), None)
}

/// Take a message: the state after it, and what is to be done. An action stays pending until the client says otherwise:
/// not until its ack, but until its effect is in `server_state` (HYB-002).
pub fn update_hybrid(
  state: HybridState(ui),
  msg: HybridMsg,
) -> #(HybridState(ui), List(HybridEffect)) {
  case msg {
    ServerStateUpdate(session_id, server_state) -> {
      let pending = case server_state {
        Some(server_state) -> server_state.pending_actions
        None -> state.local_state.pending_actions
      }
      let known = HybridState(..state, session_id:, server_state:)
      #(with_pending(known, pending), [])
    }
    UserAction(action) -> {
      let pending = list.append(state.local_state.pending_actions, [action])
      #(with_pending(state, pending), [Dispatch(action)])
    }
    ActionFailed(failure) -> {
      let id = failed_id(failure)
      let pending =
        list.filter(state.local_state.pending_actions, fn(one) {
          one.action_id != id
        })
      #(with_pending(state, pending), [])
    }
  }
}

fn with_pending(
  state: HybridState(ui),
  pending_actions: List(action.UserAction),
) -> HybridState(ui) {
  let local_state = LocalState(..state.local_state, pending_actions:)
  HybridState(..state, local_state:)
}

fn failed_id(failure: Failure) -> String {
  case failure {
    Nacked(id, ..) | Dropped(id, _) | GivenUp(id) -> id
  }
}

/// What a client says to its app.
pub fn server_state(model: Model) -> Option(ServerState) {
  use position <- option.map(model.position)
  ServerState(
    position:,
    slices: model.slices,
    view: view(model),
    pending_actions: list.map(model.pending, fn(one) { one.action }),
  )
}

/// What a client shows: in `Optimistic` the slices with its pending actions on top, else the slices (HYB-005).
pub fn view(model: Model) -> Slices {
  case model.config.mode {
    Optimistic -> {
      let folding = Folding(model.config.user_id, model.limits)
      use slices, one <- list.fold(shown(model.pending), model.slices)
      optimistic.fold(slices, one.action, one.at, folding)
    }
    _ -> model.slices
  }
}

/// A create whose effect is seen would stand there twice (HYB-003).
fn shown(pending: List(Pending)) -> List(Pending) {
  list.filter(pending, fn(one) { !one.is_seen })
}

/// With which code a session was closed for good, be it a refusal of its open.
pub fn closed_by(model: Model) -> Option(Int) {
  case model.work {
    Closed(code) -> code
    _ -> None
  }
}
