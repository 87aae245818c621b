internal import Glibc

/// A row-major float32 matrix that owns its memory, aligned to a cache line.
///
/// A reference type: layers hand their outputs on without copying. Not shared between threads; a unit of learning has one.
package final class Matrix {
  package private(set) var rows: Int
  package private(set) var columns: Int
  private var memory: UnsafeMutableRawPointer
  private var capacity: Int

  /// All zeros. Either side may be 0.
  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
    self.rows = rows
    self.columns = columns
    capacity = rows * columns
    memory = Self.allocate(capacity)
    fill(0)
  }

  package convenience init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns, "the values do not fill the matrix")
    self.init(rows: rows, columns: columns)
    copy(values)
  }

  deinit { memory.deallocate() }

  package var count: Int { rows * columns }

  /// The first element; valid as long as the matrix lives and is not reshaped.
  package var start: UnsafeMutablePointer<Float> { memory.assumingMemoryBound(to: Float.self) }

  /// The first element of a row.
  package func row(_ index: Int) -> UnsafeMutablePointer<Float> { start + index * columns }

  package subscript(row: Int, column: Int) -> Float {
    get {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "outside of the matrix")
      return start[row * columns + column]
    }
    set {
      precondition(row >= 0 && row < rows && column >= 0 && column < columns, "outside of the matrix")
      start[row * columns + column] = newValue
    }
  }

  /// A copy, row by row.
  package var values: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

  package func fill(_ value: Float) { start.update(repeating: value, count: count) }

  package func copy(_ values: [Float]) {
    precondition(values.count == count, "the values do not fill the matrix")
    values.withUnsafeBufferPointer { if let source = $0.baseAddress { start.update(from: source, count: count) } }
  }

  package func copy(_ other: Matrix) {
    precondition(other.rows == rows && other.columns == columns, "another shape")
    start.update(from: other.start, count: count)
  }

  /// Gives the matrix another shape; what it held is undefined. Memory only grows, so reshaping for a smaller batch is free.
  package func reshape(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0, "a matrix has no negative side")
    if rows * columns > capacity {
      memory.deallocate()
      capacity = rows * columns
      memory = Self.allocate(capacity)
      start.initialize(repeating: 0, count: capacity)
    }
    self.rows = rows
    self.columns = columns
  }

  private static let hugePage = 2 << 20

  private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    let isLarge = bytes >= 2 * hugePage
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? hugePage : 64)
    // Products walk down the columns of wide matrices, a page a row; with small pages a twentieth of their time goes into
    // finding those. Advice only: where the kernel has no huge pages, nothing changes.
    if isLarge { madvise(memory, bytes, MADV_HUGEPAGE) }
    memory.bindMemory(to: Float.self, capacity: max(count, 1))
    return memory
  }
}
