import Pipeline
import Testing

struct MemoryPressureTests {
  @Test(
    arguments: [
      ([0], [false]), ([19.9], [false]), ([20], [true]), ([100, 5, 4.9, 19], [true, true, false, false]),
      ([50, nil], [true, false]), ([nil, 20, 19, 5], [false, true, true, true]),
    ] as [([Double?], [Bool])])
  func itBeginsLateAndEndsLate(shares: [Double?], isShort: [Bool]) {
    var memory = MemoryPressure()
    for (share, expected) in zip(shares, isShort) {
      let before = memory.isShort
      let hasChanged = memory.look(share)
      #expect(memory.isShort == expected && hasChanged == (before != expected))
    }
  }

  @Test(
    arguments: [
      (
        "some avg10=1.00 avg60=0.50 avg300=0.10 total=1\nfull avg10=0.25 avg60=0.10 avg300=0.01 total=1\n", 0.25
      ),
      ("some avg10=90.00 avg60=0.50 avg300=0.10 total=1\n", nil), ("", nil), ("full avg10=x", nil), ("full", nil),
    ] as [(String, Double?)])
  func theKernelsFileIsRead(text: String, share: Double?) { #expect(MemoryPressure.share(text) == share) }

  @Test(
    arguments: [
      ("0::/system.slice/primatrixd.service\n", "/sys/fs/cgroup/system.slice/primatrixd.service/memory.pressure"),
      ("0::/\n", "/proc/pressure/memory"), ("4:memory:/a\n", "/proc/pressure/memory"), ("", "/proc/pressure/memory"),
    ])
  func theServicesOwnGroupComesFirst(groups: String, file: String) {
    #expect(MemoryPressure.files(groups: groups).first == file)
    #expect(MemoryPressure.files(groups: groups).last == "/proc/pressure/memory")
  }
}
