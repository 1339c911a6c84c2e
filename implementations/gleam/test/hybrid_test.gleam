//// The seed's hybrid client.

import gleam/option.{None, Some}
import omni/action
import omni/client/model.{Nacked}
import omni/hybrid.{
  ActionFailed, Dispatch, ServerState, ServerStateUpdate, UserAction,
}
import omni/position.{Position}
import omni/types.{no_slices}

pub fn actions_stay_in_their_order_until_the_client_says_otherwise_test() {
  let first = action.chat_send("x1", "first")
  let second = action.chat_send("x2", "second")
  let state = hybrid.init_hybrid("ann", Nil)
  let #(state, effects) = hybrid.update_hybrid(state, UserAction(first))
  assert effects == [Dispatch(first)]
  let #(state, _) = hybrid.update_hybrid(state, UserAction(second))
  assert state.local_state.pending_actions == [first, second]

  let told = ServerState(Position(1, 2, 1), no_slices, no_slices, [second])
  let #(state, effects) =
    hybrid.update_hybrid(state, ServerStateUpdate("s", Some(told)))
  assert effects == []
  assert state.server_state == Some(told)
  assert state.local_state.pending_actions == [second]

  let #(state, _) =
    hybrid.update_hybrid(state, ActionFailed(Nacked("x2", 4030, "")))
  assert state.local_state.pending_actions == []
}

pub fn without_a_server_actions_are_kept_test() {
  let first = action.chat_send("x1", "first")
  let state = hybrid.init_hybrid("ann", Nil)
  let #(state, _) = hybrid.update_hybrid(state, UserAction(first))
  let #(state, _) = hybrid.update_hybrid(state, ServerStateUpdate("s", None))
  assert state.local_state.pending_actions == [first]
}
