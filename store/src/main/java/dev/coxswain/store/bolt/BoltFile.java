package dev.coxswain.store.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a bolt file, ours or a real etcd's. Nothing in it is believed: a length, a page number or a
 * depth that cannot be is an {@link IOException} that says the file is damaged.
 */
public final class BoltFile implements AutoCloseable {
  private static final int LARGEST_PAGE_BYTES = 1 << 20;

  /** Far more than any real tree has. */
  private static final int DEPTH = 32;

  private final FileChannel channel;
  private final Path file;
  private final int pageBytes;
  private final long pages;

  /** Each bucket's value in the root tree: its root page, or the page itself when it is small. */
  private final Map<String, ByteBuffer> buckets = new HashMap<>();

  /** Looks at one pair. */
  @FunctionalInterface
  public interface Visitor {
    /** Called in the order of the keys. */
    void visit(byte[] key, byte[] value) throws IOException;
  }

  @FunctionalInterface
  private interface Elements {
    void element(int flags, byte[] key, byte[] value) throws IOException;
  }

  private record Description(int pageBytes, long root, long pages, long transaction) {}

  private BoltFile(FileChannel channel, Path file) throws IOException {
    this.channel = channel;
    this.file = file;
    Description newest = newest();
    this.pageBytes = newest.pageBytes();
    this.pages = newest.pages();
    walk(
        newest.root(),
        0,
        (flags, key, value) -> {
          if ((flags & Layout.BUCKET_ELEMENT) != 0) {
            buckets.put(
                new String(key, StandardCharsets.UTF_8),
                ByteBuffer.wrap(value).order(java.nio.ByteOrder.LITTLE_ENDIAN));
          }
        });
  }

  /** Opens a file for reading. */
  public static BoltFile open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new BoltFile(channel, file);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Bytes that its pages take. */
  public long size() {
    return pages * pageBytes;
  }

  /** The names of the buckets, in order. */
  public Set<String> buckets() {
    return new TreeSet<>(buckets.keySet());
  }

  /** Every pair of a bucket, in the order of the keys; none when there is no such bucket. */
  public void forEach(String bucket, Visitor visitor) throws IOException {
    ByteBuffer place = buckets.get(bucket);
    if (place == null) {
      return;
    }
    check(place.capacity() >= Layout.BUCKET_BYTES, "a bucket without a root");
    Elements pairs =
        (flags, key, value) -> {
          if ((flags & Layout.BUCKET_ELEMENT) == 0) {
            visitor.visit(key, value);
          }
        };
    long root = place.getLong(0);
    if (root != 0) {
      walk(root, 0, pairs);
      return;
    }
    ByteBuffer inline =
        place
            .slice(Layout.BUCKET_BYTES, place.capacity() - Layout.BUCKET_BYTES)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN);
    check(inline.capacity() >= Layout.HEADER_BYTES, "a bucket without a page");
    leaf(inline, pairs);
  }

  private Description newest() throws IOException {
    Description first = description(0);
    // Where the second page begins is in the first; if that is damaged, the usual sizes are tried.
    Description second = null;
    if (first != null) {
      second = description(first.pageBytes());
    } else {
      for (int size = 1024; size <= LARGEST_PAGE_BYTES && second == null; size *= 2) {
        second = description(size);
      }
    }
    check(first != null || second != null, "neither of its description pages is whole");
    if (first == null || second == null) {
      return first == null ? java.util.Objects.requireNonNull(second) : first;
    }
    return second.transaction() > first.transaction() ? second : first;
  }

  private @org.jspecify.annotations.Nullable Description description(long at) throws IOException {
    ByteBuffer page = Layout.page(Layout.HEADER_BYTES + Layout.META_CHECKED_BYTES + Long.BYTES);
    if (at + page.capacity() > channel.size()) {
      return null;
    }
    read(page, at);
    int meta = Layout.HEADER_BYTES;
    int size = page.getInt(meta + 8);
    boolean sound =
        page.getInt(meta) == Layout.MAGIC
            && page.getInt(meta + 4) == Layout.VERSION
            && page.getLong(meta + Layout.META_CHECKED_BYTES)
                == Layout.checksum(page, meta, Layout.META_CHECKED_BYTES)
            && size >= 512
            && size <= LARGEST_PAGE_BYTES;
    return sound
        ? new Description(
            size, page.getLong(meta + 16), page.getLong(meta + 40), page.getLong(meta + 48))
        : null;
  }

  private void walk(long number, int depth, Elements elements) throws IOException {
    check(depth < DEPTH, "its tree is too deep");
    ByteBuffer page = page(number);
    int flags = page.getShort(8);
    if ((flags & Layout.LEAF) != 0) {
      leaf(page, elements);
      return;
    }
    check((flags & Layout.BRANCH) != 0, "page " + number + " is of the wrong kind");
    int count = Short.toUnsignedInt(page.getShort(10));
    for (int i = 0; i < count; i++) {
      int element = Layout.HEADER_BYTES + i * Layout.ELEMENT_BYTES;
      check(element + Layout.ELEMENT_BYTES <= page.capacity(), "a branch page is cut short");
      walk(page.getLong(element + 8), depth + 1, elements);
    }
  }

  private void leaf(ByteBuffer page, Elements elements) throws IOException {
    int count = Short.toUnsignedInt(page.getShort(10));
    for (int i = 0; i < count; i++) {
      int element = Layout.HEADER_BYTES + i * Layout.ELEMENT_BYTES;
      check(element + Layout.ELEMENT_BYTES <= page.capacity(), "a leaf page is cut short");
      long key = (long) element + Integer.toUnsignedLong(page.getInt(element + 4));
      long keyBytes = Integer.toUnsignedLong(page.getInt(element + 8));
      long valueBytes = Integer.toUnsignedLong(page.getInt(element + 12));
      check(key + keyBytes + valueBytes <= page.capacity(), "a pair lies outside of its page");
      elements.element(
          page.getInt(element),
          bytes(page, (int) key, (int) keyBytes),
          bytes(page, (int) (key + keyBytes), (int) valueBytes));
    }
  }

  private static byte[] bytes(ByteBuffer page, int at, int length) {
    byte[] bytes = new byte[length];
    page.get(at, bytes);
    return bytes;
  }

  private ByteBuffer page(long number) throws IOException {
    check(number > 1 && number < pages, "there is no page " + number);
    ByteBuffer head = Layout.page(Layout.HEADER_BYTES);
    read(head, number * pageBytes);
    check(head.getLong(0) == number, "page " + number + " calls itself " + head.getLong(0));
    long bytes = (Integer.toUnsignedLong(head.getInt(12)) + 1) * pageBytes;
    check(
        bytes <= Integer.MAX_VALUE && number * pageBytes + bytes <= channel.size(),
        "page " + number + " reaches beyond its end");
    ByteBuffer page = Layout.page((int) bytes);
    read(page, number * pageBytes);
    return page;
  }

  private void read(ByteBuffer target, long from) throws IOException {
    long at = from;
    while (target.hasRemaining()) {
      int read = channel.read(target, at);
      check(read >= 0, "it ends early");
      at += read;
    }
    target.flip();
  }

  private void check(boolean holds, String otherwise) throws IOException {
    if (!holds) {
      throw new IOException(file + " is no bolt database or is damaged: " + otherwise);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
