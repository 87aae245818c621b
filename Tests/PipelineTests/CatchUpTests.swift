import Foundation
import Pipeline
import Testing
import Vocabulary

struct CatchUpTests {
  private static let clips = (0..<4).map { ClipID(Digest(of: Data([$0]))) }

  @Test func whereNothingIsReadyItIsDone() {
    var catchUp = CatchUp()
    catchUp.look(underWay: [], isAll: true)
    #expect(catchUp.isDone)
  }

  @Test func itWaitsForAllThatWereReadyAndForNoOther() {
    let clips = Self.clips
    var catchUp = CatchUp()
    catchUp.look(underWay: [clips[0]], isAll: false)
    catchUp.ended([clips[0]], areScored: true)
    #expect(!catchUp.isDone, "others were ready")
    catchUp.look(underWay: [clips[1], clips[2]], isAll: true)
    catchUp.ended([clips[1]], areScored: true)
    catchUp.look(underWay: [clips[2], clips[3]], isAll: true)
    #expect(!catchUp.isDone)
    catchUp.ended([clips[2]], areScored: true)
    #expect(catchUp.isDone, "the fourth is new")
    catchUp.ended([clips[3]], areScored: false)
    #expect(catchUp.isDone)
  }

  @Test func whatFailedIsReadyAgain() {
    let clips = Self.clips
    var catchUp = CatchUp()
    catchUp.look(underWay: [clips[0], clips[1]], isAll: true)
    catchUp.ended([clips[0]], areScored: false)
    catchUp.ended([clips[1]], areScored: true)
    #expect(!catchUp.isDone)
    catchUp.look(underWay: [clips[0]], isAll: true)
    catchUp.ended([clips[0]], areScored: true)
    #expect(catchUp.isDone)
  }
}
