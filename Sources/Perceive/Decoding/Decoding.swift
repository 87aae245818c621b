internal import Foundation

package enum DecodeChild {
  package static func run() -> Never { exit(70) }
}
