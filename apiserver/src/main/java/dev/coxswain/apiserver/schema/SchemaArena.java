package dev.coxswain.apiserver.schema;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The loaded definitions: one array of ints, one of strings; descriptions only while in use. */
final class SchemaArena {
  private final String[] strings;
  private final int[] nodes;
  private final String[] definitionNames;
  private final int[] definitionNodes;
  private volatile @Nullable SoftReference<ByteBuffer> descriptions;

  private SchemaArena(
      String[] strings, int[] nodes, String[] definitionNames, int[] definitionNodes) {
    this.strings = strings;
    this.nodes = nodes;
    this.definitionNames = definitionNames;
    this.definitionNodes = definitionNodes;
  }

  /** Reads the resource that the build made. */
  static SchemaArena load() {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(open(SchemaLayout.SCHEMAS)))) {
      int version = in.readInt();
      if (version != SchemaLayout.VERSION) {
        throw new IllegalStateException(
            "the schemas have layout " + version + ", expected " + SchemaLayout.VERSION);
      }
      String[] strings = new String[in.readInt()];
      for (int i = 0; i < strings.length; i++) {
        strings[i] = in.readUTF();
      }
      int[] nodes = new int[in.readInt()];
      for (int i = 0; i < nodes.length; i++) {
        nodes[i] = in.readInt();
      }
      String[] names = new String[in.readInt()];
      int[] offsets = new int[names.length];
      for (int i = 0; i < names.length; i++) {
        names[i] = in.readUTF();
        offsets[i] = in.readInt();
      }
      return new SchemaArena(strings, nodes, names, offsets);
    } catch (IOException failure) {
      throw new UncheckedIOException("reading the built-in schemas", failure);
    }
  }

  private static InputStream open(String resource) {
    InputStream stream = SchemaArena.class.getResourceAsStream(resource);
    if (stream == null) {
      throw new IllegalStateException("the build did not make " + resource);
    }
    return stream;
  }

  int at(int node, int field) {
    return nodes[node + field];
  }

  String string(int number) {
    return strings[number];
  }

  List<String> strings(int number) {
    String joined = strings[number];
    return joined.isEmpty() ? List.of() : List.of(joined.split(",", -1));
  }

  int definitionNode(int number) {
    return definitionNodes[number];
  }

  String definitionName(int number) {
    return definitionNames[number];
  }

  List<String> definitionNames() {
    return Arrays.asList(definitionNames);
  }

  /** The definition with this name; null where there is none. */
  @Nullable ArenaSchema definition(String name) {
    int number = Arrays.binarySearch(definitionNames, name);
    return number < 0 ? null : new ArenaSchema(this, definitionNodes[number]);
  }

  String description(int number) {
    if (number == 0) {
      return "";
    }
    ByteBuffer texts = descriptions();
    int count = texts.getInt(0);
    int base = Integer.BYTES * (count + 1);
    int start = texts.getInt(Integer.BYTES * number);
    int end = texts.getInt(Integer.BYTES * (number + 1));
    byte[] text = new byte[end - start];
    texts.get(base + start, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private ByteBuffer descriptions() {
    SoftReference<ByteBuffer> reference = descriptions;
    ByteBuffer loaded = reference == null ? null : reference.get();
    if (loaded == null) {
      try (InputStream in = open(SchemaLayout.DESCRIPTIONS)) {
        loaded = ByteBuffer.wrap(in.readAllBytes());
      } catch (IOException failure) {
        throw new UncheckedIOException("reading the built-in descriptions", failure);
      }
      descriptions = new SoftReference<>(loaded);
    }
    return loaded;
  }
}
