import Confinement
import Foundation

// Confines itself, tries one thing, and tells how that went: exit status 0 when it could, else its errno. Only the tests of
// `Confinement` start it.
//
//   ConfinementProbe none|decoder ATTEMPT PATH
//   ConfinementProbe unpacker ATTEMPT PATH READABLE WRITABLE

let arguments = CommandLine.arguments
let path = arguments[3]

func attempt(_ name: String) -> Bool {
  switch name {
  case "nothing": return true
  case "read": return open(path, O_RDONLY) >= 0
  case "create": return open(path, O_WRONLY | O_CREAT, 0o600) >= 0
  case "make directory": return mkdir(path, 0o700) == 0
  case "list": return open(path, O_RDONLY | O_DIRECTORY) >= 0
  case "move to a folder":
    // What it takes to make the file is tried elsewhere.
    let folder = path + "-folder"
    return mkdir(folder, 0o700) == 0 && open(path, O_WRONLY | O_CREAT, 0o600) >= 0 && rename(path, folder + "/x") == 0
  case "move out":
    return open(path, O_WRONLY | O_CREAT, 0o600) >= 0 && rename(path, path.replacing("/out/", with: "/in/")) == 0
  case "change mode": return chmod(path, 0o777) == 0
  case "link": return symlink("/etc/passwd", path) == 0
  case "socket": return socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) >= 0
  case "unix socket": return socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) >= 0
  case "run":
    var words: [UnsafeMutablePointer<CChar>?] = [strdup("/bin/true"), nil]
    return execv("/bin/true", &words) == 0
  case "thread":
    var thread = pthread_t()
    errno = pthread_create(&thread, nil, { _ in nil }, nil)
    return errno == 0
  case "executable memory": return map(PROT_READ | PROT_WRITE | PROT_EXEC) != MAP_FAILED
  case "memory made executable": return mprotect(map(PROT_READ | PROT_WRITE), 4096, PROT_READ | PROT_EXEC) == 0
  case "much memory":
    return mmap(nil, 5 << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED
  case "signal another": return kill(getppid(), 0) == 0
  case "spin":
    // Blocked in the thread that started this, and so here; `clinux_spawn` gives our workers a clean mask.
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    while true {}
  case "write": return write(1, "x", 1) == 1
  default: return false
  }
}

func map(_ protection: Int32) -> UnsafeMutableRawPointer? {
  mmap(nil, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
}

do {
  switch arguments[1] {
  case "decoder": _ = try Confinement.decoder(sharedBytes: 0)
  case "unpacker":
    _ = try Confinement.unpacker(
      readable: open(arguments[4], O_RDONLY), writable: open(arguments[5], O_RDONLY), fileBytes: 1 << 20,
      processorSeconds: arguments[2] == "spin" ? 1...1 : 60...60)
  default: break
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(126)
}
exit(attempt(arguments[2]) ? 0 : errno)
