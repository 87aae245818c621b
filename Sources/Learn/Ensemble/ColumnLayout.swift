internal import Numerics
internal import WorkUnits

/// The second level's input: a column for each class that a member answers for, members in their order.
struct ColumnLayout {
  let classes: Int
  /// Of each member: its first column, and the classes of its columns.
  let members: [(first: Int, classes: Range<Int>)]
  let count: Int

  init(_ members: [MemberModel], classes: Int) {
    self.classes = classes
    var count = 0
    self.members = members.map { member in
      let own = member.classes(of: classes)
      defer { count += own.count }
      return (count, own)
    }
    self.count = count
  }

  /// Of one class, the mean of the members that answer for it; nil where none does.
  func mean(_ row: UnsafePointer<Float>, class index: Int) -> Float? {
    var (sum, answers) = (0.0, 0)
    for member in members where member.classes.contains(index) {
      sum += Double(row[member.first + index - member.classes.lowerBound])
      answers += 1
    }
    return answers > 0 ? Float(sum / Double(answers)) : nil
  }

  /// One member's answer; nil for a class that it does not answer for.
  func answer(of member: Int, _ row: UnsafePointer<Float>, class index: Int) -> Float? {
    let own = members[member]
    return own.classes.contains(index) ? row[own.first + index - own.classes.lowerBound] : nil
  }
}
