package dev.coxswain.store.bolt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Where things lie in a bolt file of format version 2. All numbers are little-endian, as on every
 * machine that etcd supports.
 *
 * <p>A file is pages of one size. Each begins with a header: number (8 bytes), flags (2), count of
 * elements (2), pages that follow and belong to it (4). Pages 0 and 1 describe the file, the newer
 * of the two counts; a tree of branch and leaf pages holds the names of the buckets, and each
 * bucket has such a tree of its own.
 */
final class Layout {
  /** What we write; a reader takes the size from the file. */
  static final int PAGE_BYTES = 4096;

  static final int HEADER_BYTES = 16;
  static final int ELEMENT_BYTES = 16;

  /** A bucket as a leaf's value: its root page and a counter that etcd does not use. */
  static final int BUCKET_BYTES = 16;

  static final int BRANCH = 0x01;
  static final int LEAF = 0x02;
  static final int META = 0x04;
  static final int FREE_LIST = 0x10;

  /** A leaf element with this flag is a bucket, others are a key and its value. */
  static final int BUCKET_ELEMENT = 0x01;

  static final int MAGIC = 0xED0CDAED;
  static final int VERSION = 2;

  /** Of a description page, behind its header: everything the checksum covers. */
  static final int META_CHECKED_BYTES = 56;

  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private Layout() {}

  static ByteBuffer page(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** FNV-1a, 64 bits, of a part of a buffer. */
  static long checksum(ByteBuffer buffer, int from, int length) {
    long hash = FNV_OFFSET;
    for (int i = from; i < from + length; i++) {
      hash = (hash ^ (buffer.get(i) & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }
}
