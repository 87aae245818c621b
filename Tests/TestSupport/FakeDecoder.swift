package import Foundation
package import Vocabulary

/// A stand-in for `primatrix-worker decode`: a Python script that fills the slot with the request's number and then does
/// what a test wants of it.
package enum FakeDecoder {
  /// - Parameters:
  ///   - python: run for each request; has `ask` (the request), `clip` (its descriptor), `facts`, `say(message)` and `s`.
  ///   - before: run instead of saying that it is ready.
  package static func write(
    _ python: String, before: String = "say({'ready': {'version': 'a stand-in'}})", in directory: URL
  ) throws -> BytePath {
    let text = """
      #!/usr/bin/python3
      import array, json, mmap, os, signal, socket, sys, time
      s = socket.socket(fileno=3)
      memory = mmap.mmap(4, 0)
      facts = {'container': 'avi', 'codec': 'mjpeg', 'width': 8, 'height': 8, 'decodedFrames': 2, 'frameRate': 1.0,
               'duration': 2.0, 'hasAudio': False}
      def say(message): s.send(json.dumps(message).encode())
      \(before)
      while True:
          message, control, _, _ = s.recvmsg(65536, socket.CMSG_SPACE(4))
          if not message: break
          ask = json.loads(message)
          clip = array.array('i', control[0][2])[0]
          half = len(memory) // 2
          memory[half * ask['slot']:half * (ask['slot'] + 1)] = bytes([ask['id']]) * half
          \(python.replacing("\n", with: "\n    "))
          os.close(clip)
      """
    let file = directory.appending(path: "decoder-\(UUID().uuidString)")
    let draft = file.appendingPathExtension("draft")
    try Data(text.utf8).write(to: draft)
    // Copied by another process: were it open for writing here, a test beside this one that starts a child at that
    // moment would hand the descriptor on, and the kernel runs no file that somebody may write.
    try Command.run("install", ["-m", "755", draft.path, file.path])
    return BytePath(file.path)
  }
}
