package dev.coxswain.store.bolt;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One tree, built from the leaves up out of keys that come in order. */
final class PageTree {
  /** Takes finished pages and numbers them. */
  interface Sink {
    /** Writes a page, filling in its number, and returns that. */
    long append(ByteBuffer page) throws IOException;
  }

  private static final class Element {
    private final int flags;
    private final byte[] key;
    private final byte[] value;

    Element(int flags, byte[] key, byte[] value) {
      this.flags = flags;
      this.key = key;
      this.value = value;
    }

    int bytes() {
      return Layout.ELEMENT_BYTES + key.length + value.length;
    }
  }

  private static final class Child {
    private final byte[] firstKey;
    private final long page;

    Child(byte[] firstKey, long page) {
      this.firstKey = firstKey;
      this.page = page;
    }

    int bytes() {
      return Layout.ELEMENT_BYTES + firstKey.length;
    }
  }

  private final Sink sink;
  private final List<Element> leaf = new ArrayList<>();
  private final List<Child> leaves = new ArrayList<>();
  private int leafBytes = Layout.HEADER_BYTES;
  private byte[] last = {};

  PageTree(Sink sink) {
    this.sink = sink;
  }

  void add(int flags, byte[] key, byte[] value) throws IOException {
    if (key.length == 0 || Arrays.compareUnsigned(last, key) >= 0) {
      throw new IllegalArgumentException("keys of a bolt bucket must come in order, none empty");
    }
    Element element = new Element(flags, key, value);
    // A large element stands alone, on as many pages as it takes.
    if (!leaf.isEmpty() && leafBytes + element.bytes() > Layout.PAGE_BYTES) {
      closeLeaf();
    }
    leaf.add(element);
    leafBytes += element.bytes();
    last = key;
  }

  /** Writes what is left and returns the page of the root. */
  long finish() throws IOException {
    if (!leaf.isEmpty() || leaves.isEmpty()) {
      closeLeaf();
    }
    List<Child> level = leaves;
    while (level.size() > 1) {
      level = branches(level);
    }
    return level.getFirst().page;
  }

  private void closeLeaf() throws IOException {
    ByteBuffer page = page(leafBytes, Layout.LEAF, leaf.size());
    int header = Layout.HEADER_BYTES;
    int data = header + Layout.ELEMENT_BYTES * leaf.size();
    for (Element element : leaf) {
      page.position(header);
      page.putInt(element.flags)
          .putInt(data - header)
          .putInt(element.key.length)
          .putInt(element.value.length);
      page.position(data);
      page.put(element.key).put(element.value);
      header += Layout.ELEMENT_BYTES;
      data = page.position();
    }
    byte[] first = leaf.isEmpty() ? new byte[0] : leaf.getFirst().key;
    leaves.add(new Child(first, sink.append(page.clear())));
    leaf.clear();
    leafBytes = Layout.HEADER_BYTES;
  }

  private List<Child> branches(List<Child> children) throws IOException {
    List<Child> level = new ArrayList<>();
    int from = 0;
    while (from < children.size()) {
      int bytes = Layout.HEADER_BYTES + children.get(from).bytes();
      int to = from + 1;
      while (to < children.size() && bytes + children.get(to).bytes() <= Layout.PAGE_BYTES) {
        bytes += children.get(to).bytes();
        to++;
      }
      // With keys larger than a page a level would never get shorter: two at least go together.
      if (to == from + 1 && to < children.size()) {
        bytes += children.get(to).bytes();
        to++;
      }
      level.add(branch(children.subList(from, to), bytes));
      from = to;
    }
    return level;
  }

  private Child branch(List<Child> children, int bytes) throws IOException {
    ByteBuffer page = page(bytes, Layout.BRANCH, children.size());
    int header = Layout.HEADER_BYTES;
    int data = header + Layout.ELEMENT_BYTES * children.size();
    for (Child child : children) {
      page.position(header);
      page.putInt(data - header).putInt(child.firstKey.length).putLong(child.page);
      page.position(data);
      page.put(child.firstKey);
      header += Layout.ELEMENT_BYTES;
      data = page.position();
    }
    return new Child(children.getFirst().firstKey, sink.append(page.clear()));
  }

  private static ByteBuffer page(int bytes, int flags, int count) {
    int pages = (bytes + Layout.PAGE_BYTES - 1) / Layout.PAGE_BYTES;
    ByteBuffer page = Layout.page(Math.multiplyExact(pages, Layout.PAGE_BYTES));
    return page.putLong(0).putShort((short) flags).putShort((short) count).putInt(pages - 1);
  }
}
