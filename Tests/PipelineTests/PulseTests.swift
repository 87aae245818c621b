import Pipeline
import Testing

struct PulseTests {
  @Test func aLoopThatIsAtOneEventForTooLongIsNotFelt() {
    let start = SuspendingClock.now
    var pulse = Pulse()
    #expect(pulse.isFelt(start.advanced(by: Pulse.patience * 100)), "before its first beat")
    pulse.beat(start)
    #expect(pulse.isFelt(start.advanced(by: Pulse.patience - .seconds(1))))
    #expect(!pulse.isFelt(start.advanced(by: Pulse.patience)))
    pulse.beat(start.advanced(by: Pulse.patience))
    #expect(pulse.isFelt(start.advanced(by: Pulse.patience)))
  }
}
