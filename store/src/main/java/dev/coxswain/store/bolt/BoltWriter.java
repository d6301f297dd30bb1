package dev.coxswain.store.bolt;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a bolt file bucket after bucket, each from its first key to its last. What is written
 * needs no free pages, so the list of those is empty; the two description pages come last, so that
 * a file cut short is not taken for a whole one.
 */
public final class BoltWriter implements AutoCloseable {
  private static final int FREE_LIST_PAGE = 2;
  private static final int FIRST_PAGE = 3;
  private static final int BUFFER_BYTES = 1 << 18;

  /** Pages between two looks at the room that is left: a MiB. */
  private static final int PAGES_A_LOOK = 256;

  private final FileChannel channel;
  private final OutputStream out;
  private final Room room;
  private final PageTree root = new PageTree(this::append);
  private long nextPage = FIRST_PAGE;
  private long nextLook;

  /** The room that a file may take. */
  @FunctionalInterface
  public interface Room {
    /** Fails when no more shall be written. */
    void look() throws IOException;
  }

  /** Fills a bucket. */
  @FunctionalInterface
  public interface Filler {
    /** Hands over all pairs in the order of their keys. */
    void fill(Pairs pairs) throws IOException;
  }

  /** Takes a bucket's pairs. */
  @FunctionalInterface
  public interface Pairs {
    /** Adds a pair; its key must come after the one before, and have a byte at least. */
    void put(byte[] key, byte[] value) throws IOException;
  }

  private BoltWriter(FileChannel channel, Room room) throws IOException {
    this.channel = channel;
    this.room = room;
    channel.position((long) FIRST_PAGE * Layout.PAGE_BYTES);
    this.out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
  }

  /** Creates a file, which must not exist yet, and may take all the room there is. */
  public static BoltWriter create(Path file) throws IOException {
    return create(file, () -> {});
  }

  /** Creates a file, which must not exist yet. */
  public static BoltWriter create(Path file, Room room) throws IOException {
    return new BoltWriter(
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), room);
  }

  /** Writes the next bucket; their names must come in order too. */
  public void bucket(String name, Filler filler) throws IOException {
    PageTree tree = new PageTree(this::append);
    filler.fill((key, value) -> tree.add(0, key, value));
    ByteBuffer place = Layout.page(Layout.BUCKET_BYTES).putLong(tree.finish()).putLong(0);
    root.add(Layout.BUCKET_ELEMENT, name.getBytes(StandardCharsets.UTF_8), bytes(place));
  }

  private long append(ByteBuffer page) throws IOException {
    if (nextPage >= nextLook) {
      room.look();
      nextLook = nextPage + PAGES_A_LOOK;
    }
    long number = nextPage;
    page.putLong(0, number);
    out.write(bytes(page));
    nextPage += page.capacity() / Layout.PAGE_BYTES;
    return number;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.get(0, bytes);
    return bytes;
  }

  /** Completes the file and has it flushed to the disk. */
  public void finish() throws IOException {
    long rootPage = root.finish();
    out.flush();
    channel.force(true);
    ByteBuffer freeList = Layout.page(Layout.PAGE_BYTES);
    freeList.putLong(FREE_LIST_PAGE).putShort((short) Layout.FREE_LIST);
    write(freeList, FREE_LIST_PAGE);
    for (int i = 0; i < 2; i++) {
      write(description(i, rootPage), i);
    }
    channel.force(true);
  }

  private ByteBuffer description(int number, long rootPage) {
    ByteBuffer page = Layout.page(Layout.PAGE_BYTES);
    page.putLong(number).putShort((short) Layout.META).putShort((short) 0).putInt(0);
    page.putInt(Layout.MAGIC).putInt(Layout.VERSION).putInt(Layout.PAGE_BYTES).putInt(0);
    page.putLong(rootPage).putLong(0).putLong(FREE_LIST_PAGE).putLong(nextPage);
    // The number of the transaction that wrote it: the higher of the two pages is the newer one.
    page.putLong(number);
    return page.putLong(Layout.checksum(page, Layout.HEADER_BYTES, Layout.META_CHECKED_BYTES));
  }

  private void write(ByteBuffer page, int number) throws IOException {
    page.clear();
    long at = (long) number * Layout.PAGE_BYTES;
    while (page.hasRemaining()) {
      at += channel.write(page, at);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
