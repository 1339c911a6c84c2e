//// Connections of Node.js. A page does not import this module: what bundles it would look for sockets there.

import omni/nats.{type Dial}

/// Connect over TCP, to `nats://…`.
@external(javascript, "./node_ffi.mjs", "tcp")
pub fn tcp() -> Dial
