package dev.coxswain.apiserver.protobuf;

import dev.coxswain.api.meta.GroupVersionKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The shapes of all messages, read from the table when the first binary body comes. The table is
 * text: a line {@code M name form} begins a message, a line {@code F number name type message
 * flags} is a field of it, where the message is an index into the table's messages (or -1) and the
 * flags are letters: {@code r}epeated, {@code m}ap, {@code z}ero kept, {@code i}nline.
 */
public final class MessageShapes {
  /** Where the table stands among the resources. */
  public static final String TABLE = "/dev/coxswain/apiserver/protobuf/messages.txt";

  private static final String META = "k8s.io.apimachinery.pkg.apis.meta.v1.";

  private final List<MessageShape> shapes = new ArrayList<>();
  private final Map<String, Integer> byName = new HashMap<>();

  private MessageShapes() {}

  private static final class Holder {
    private static final MessageShapes LOADED = load();
  }

  static MessageShapes get() {
    return Holder.LOADED;
  }

  MessageShape at(int index) {
    return shapes.get(index);
  }

  /** The shape of a kind, if it has a binary form. */
  Optional<MessageShape> find(GroupVersionKind kind) {
    String group = kind.group().isEmpty() ? "core" : kind.group().split("\\.", 2)[0];
    Integer index = byName.get("k8s.io.api." + group + "." + kind.version() + "." + kind.kind());
    if (index == null) {
      index = byName.get(META + kind.kind());
    }
    return Optional.ofNullable(index).map(shapes::get);
  }

  private static MessageShapes load() {
    MessageShapes all = new MessageShapes();
    try (InputStream table = MessageShapes.class.getResourceAsStream(TABLE)) {
      if (table == null) {
        throw new IllegalStateException(
            "the table of binary messages is missing; build with mvn package");
      }
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8));
      MessageForm form = MessageForm.OBJECT;
      Map<Integer, FieldShape> fields = new HashMap<>();
      String name = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<String> words = List.of(line.split(" ", -1));
        if (words.getFirst().equals("M")) {
          all.add(name, form, fields);
          name = words.get(1);
          form = MessageForm.valueOf(words.get(2));
          fields = new HashMap<>();
        } else {
          String flags = words.get(5);
          fields.put(
              Integer.parseInt(words.get(1)),
              new FieldShape(
                  words.get(2).intern(),
                  FieldType.valueOf(words.get(3)),
                  Integer.parseInt(words.get(4)),
                  flags.contains("r"),
                  flags.contains("m"),
                  flags.contains("z"),
                  flags.contains("i")));
        }
      }
      all.add(name, form, fields);
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(String name, MessageForm form, Map<Integer, FieldShape> fields) {
    if (!name.isEmpty()) {
      byName.put(name, shapes.size());
      shapes.add(new MessageShape(form, fields));
    }
  }
}
