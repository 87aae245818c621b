internal import CLinux

/// File systems whose files others change without this kernel hearing of it, by the magic numbers of statfs(2): inotify is
/// deaf there, leases and inode numbers mean little, and their clocks are others' clocks.
enum NetworkShare {
  private static let names: [Int: String] = [
    0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "SMB", 0xFE53_4D42: "SMB", 0x6573_5546: "FUSE", 0x0102_1997: "9p",
    0x00C3_6400: "Ceph", 0x5346_414F: "AFS", 0x6B41_4653: "AFS", 0x7375_7245: "Coda", 0x0116_1970: "GFS2",
    0x7461_636F: "OCFS2", 0x0BD0_0BD0: "Lustre", 0x1983_0326: "BeeGFS", 0x4750_4653: "GPFS", 0x786F_4256: "VirtualBox",
  ]

  /// What the file system of an open directory is called when it is such a one.
  static func name(of descriptor: Int32) -> String? { names[clinux_file_system(descriptor) & 0xFFFF_FFFF] }
}
