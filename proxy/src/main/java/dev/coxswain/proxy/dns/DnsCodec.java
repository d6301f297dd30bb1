package dev.coxswain.proxy.dns;

import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Messages on the wire (RFC 1035 section 4, RFC 6891). */
final class DnsCodec {
  /** What a client takes without EDNS. */
  static final int PLAIN_UDP_SIZE = 512;

  /** The most we send in a datagram: it fits an Ethernet frame, and fragments get lost. */
  static final int MAX_UDP_SIZE = 1232;

  /** The most a message over TCP can be. */
  static final int MAX_TCP_SIZE = 65_535;

  /** Seconds that an answer may be remembered: as long as a stale endpoint may be tried. */
  static final int TTL_SECONDS = 5;

  private static final int HEADER_SIZE = 12;
  private static final int RESPONSE = 0x8000;
  private static final int AUTHORITATIVE = 0x0400;
  private static final int TRUNCATED = 0x0200;
  private static final int RECURSION_DESIRED = 0x0100;
  private static final int RECURSION_AVAILABLE = 0x0080;
  private static final int MAX_NAME_LENGTH = 255;
  private static final int MAX_LABEL_LENGTH = 63;

  /** How often one name may point to the rest of itself; more is a circle. */
  private static final int MAX_POINTERS = 32;

  /** Types whose data is passed on as it is: a name in it might point into its own message. */
  private static final Set<Integer> WITHOUT_NAMES =
      Set.of(RecordType.A, RecordType.AAAA, RecordType.TXT);

  private static final int POINTER = 0xc000;
  private static final int MAX_POINTER = 0x3fff;

  /** A message that is no query we could answer. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  private DnsCodec() {}

  /** Reads a query. */
  static DnsQuery query(ByteBuffer message) throws MalformedException {
    try {
      int id = message.getShort() & 0xffff;
      int flags = message.getShort() & 0xffff;
      if ((flags & RESPONSE) != 0) {
        throw new MalformedException("a response, not a query");
      }
      int questions = message.getShort() & 0xffff;
      int records = (message.getShort() & 0xffff) + (message.getShort() & 0xffff);
      int additional = message.getShort() & 0xffff;
      if (questions != 1) {
        throw new MalformedException(questions + " questions");
      }
      String name = name(message);
      int type = message.getShort() & 0xffff;
      int dnsClass = message.getShort() & 0xffff;
      boolean edns = false;
      int version = 0;
      int size = PLAIN_UDP_SIZE;
      for (int index = 0; index < records + additional; index++) {
        name(message);
        int recordType = message.getShort() & 0xffff;
        int recordClass = message.getShort() & 0xffff;
        int ttl = message.getInt();
        int length = message.getShort() & 0xffff;
        message.position(message.position() + length);
        if (recordType == RecordType.OPT) {
          edns = true;
          version = ttl >> 16 & 0xff;
          size = Math.clamp(recordClass, PLAIN_UDP_SIZE, MAX_UDP_SIZE);
        }
      }
      return new DnsQuery(
          id,
          flags >> 11 & 0xf,
          (flags & RECURSION_DESIRED) != 0,
          name,
          type,
          dnsClass,
          edns,
          version,
          size);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new MalformedException("ends early");
    }
  }

  /** Clients do not compress the names of a query, so a pointer is refused. */
  private static String name(ByteBuffer message) throws MalformedException {
    StringBuilder name = new StringBuilder();
    for (int length = message.get() & 0xff; length != 0; length = message.get() & 0xff) {
      label(message, length, name);
    }
    return name.toString();
  }

  private static void label(ByteBuffer message, int length, StringBuilder name)
      throws MalformedException {
    if (length > MAX_LABEL_LENGTH || name.length() + length > MAX_NAME_LENGTH) {
      throw new MalformedException("a label of " + length + " bytes");
    }
    if (!name.isEmpty()) {
      name.append('.');
    }
    for (int index = 0; index < length; index++) {
      name.append((char) (message.get() & 0xff));
    }
  }

  /** A name whose rest may stand elsewhere in the message; reads on behind it. */
  private static String compressedName(ByteBuffer message) throws MalformedException {
    StringBuilder name = new StringBuilder();
    ByteBuffer at = message;
    int pointers = 0;
    for (int length = at.get() & 0xff; length != 0; length = at.get() & 0xff) {
      if ((length & (POINTER >> 8)) == POINTER >> 8) {
        pointers++;
        if (pointers > MAX_POINTERS) {
          throw new MalformedException("a name that points to itself");
        }
        int offset = ((length << 8) & MAX_POINTER) | (at.get() & 0xff);
        at = message.duplicate().position(offset);
      } else {
        label(at, length, name);
      }
    }
    return name.toString();
  }

  /** Whether a name can stand in a message. */
  static boolean isName(String name) {
    return name.length() < MAX_NAME_LENGTH
        && List.of(name.split("\\.", -1)).stream()
            .allMatch(label -> !label.isEmpty() && label.length() <= MAX_LABEL_LENGTH);
  }

  /** A question to another server. */
  static ByteBuffer question(int id, String name, int type) {
    Writer writer = new Writer(PLAIN_UDP_SIZE);
    writer.bytes.putShort((short) id).putShort((short) RECURSION_DESIRED).putShort((short) 1);
    writer.bytes.position(HEADER_SIZE);
    writer.name(name);
    writer.bytes.putShort((short) type).putShort((short) DnsQuery.INTERNET);
    return writer.bytes.flip();
  }

  /** Whether another server's answer is not the whole one. */
  static boolean truncated(ByteBuffer answer) {
    return answer.remaining() >= HEADER_SIZE && (answer.getShort(2) & TRUNCATED) != 0;
  }

  /** What another server answers: the aliases and, unless there are names in them, the records. */
  static List<DnsRecord> records(ByteBuffer answer, int type) throws MalformedException {
    try {
      ByteBuffer message = answer.slice();
      int questions = message.getShort(4) & 0xffff;
      int count = message.getShort(6) & 0xffff;
      message.position(HEADER_SIZE);
      for (int index = 0; index < questions; index++) {
        compressedName(message);
        message.getInt();
      }
      List<DnsRecord> records = new ArrayList<>();
      for (int index = 0; index < count; index++) {
        String name = compressedName(message);
        int recordType = message.getShort() & 0xffff;
        // Class and time to live.
        message.getShort();
        message.getInt();
        int length = message.getShort() & 0xffff;
        int end = message.position() + length;
        if (recordType == RecordType.CNAME) {
          records.add(new DnsRecord.Cname(name, compressedName(message)));
        } else if (recordType == type && WITHOUT_NAMES.contains(type)) {
          records.add(new DnsRecord.Other(name, type, message.slice(message.position(), length)));
        }
        message.position(end);
      }
      return records;
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new MalformedException("ends early");
    }
  }

  /** The bare refusal of a message whose question could not be read; null when not even its id. */
  static @org.jspecify.annotations.Nullable ByteBuffer formatError(ByteBuffer message) {
    if (message.limit() < 3 || (message.get(2) & 0x80) != 0) {
      return null;
    }
    ByteBuffer answer = ByteBuffer.allocate(HEADER_SIZE);
    answer.putShort(message.getShort(0));
    answer.putShort((short) (RESPONSE | ResponseCode.FORMAT_ERROR.number()));
    return answer.position(0);
  }

  /**
   * Writes an answer of at most so many bytes; what does not fit is left out, and where that is
   * more than additional records the answer says that it is truncated.
   */
  static ByteBuffer answer(DnsQuery query, DnsAnswer answer, int limit) {
    Writer writer = new Writer(limit - (query.edns() ? Writer.OPT_SIZE : 0));
    writer.bytes.position(HEADER_SIZE);
    writer.name(query.name());
    writer.bytes.putShort((short) query.type());
    writer.bytes.putShort((short) query.dnsClass());
    int answers = writer.records(answer.answers());
    int authority = writer.records(answer.authority());
    boolean truncated = answers < answer.answers().size() || authority < answer.authority().size();
    int additional = truncated ? 0 : writer.records(answer.additional());
    if (query.edns()) {
      writer.opt(answer.code());
      additional++;
    }
    int end = writer.bytes.position();
    int flags =
        RESPONSE
            | query.opcode() << 11
            | (answer.authoritative() ? AUTHORITATIVE : 0)
            | (truncated ? TRUNCATED : 0)
            | (query.recursionDesired() ? RECURSION_DESIRED : 0)
            | RECURSION_AVAILABLE
            | (answer.code().number() & 0xf);
    writer
        .bytes
        .position(0)
        .putShort((short) query.id())
        .putShort((short) flags)
        .putShort((short) 1)
        .putShort((short) answers)
        .putShort((short) authority)
        .putShort((short) additional);
    return writer.bytes.position(0).limit(end);
  }

  /** A message being written, with the names that later ones can point to. */
  private static final class Writer {
    static final int OPT_SIZE = 11;

    final ByteBuffer bytes;
    private final int limit;
    private final Map<String, Integer> names = new HashMap<>();

    Writer(int limit) {
      this.limit = limit;
      // A record may run over before it is taken back.
      this.bytes = ByteBuffer.allocate(limit + OPT_SIZE + 2 * MAX_NAME_LENGTH + PLAIN_UDP_SIZE);
    }

    int records(List<DnsRecord> records) {
      int count = 0;
      for (DnsRecord record : records) {
        int start = bytes.position();
        if (!fits(record)) {
          bytes.position(start);
          // Names that were noted behind this point are gone.
          names.values().removeIf(offset -> offset >= start);
          return count;
        }
        count++;
      }
      return count;
    }

    /** Writes a record, and perhaps only a part of it; whether that is within the limit. */
    private boolean fits(DnsRecord record) {
      try {
        record(record);
        return bytes.position() <= limit;
      } catch (BufferOverflowException e) {
        // Only of another server: ours are small.
        return false;
      }
    }

    private void record(DnsRecord record) {
      name(record.name());
      switch (record) {
        case DnsRecord.A(String name, String address) -> {
          int length = data(RecordType.A);
          for (String octet : address.split("\\.", -1)) {
            bytes.put((byte) Integer.parseInt(octet));
          }
          end(length);
        }
        case DnsRecord.Cname(String name, String target) -> {
          int length = data(RecordType.CNAME);
          name(target);
          end(length);
        }
        case DnsRecord.Ns(String name, String target) -> {
          int length = data(RecordType.NS);
          name(target);
          end(length);
        }
        case DnsRecord.Ptr(String name, String target) -> {
          int length = data(RecordType.PTR);
          name(target);
          end(length);
        }
        case DnsRecord.Srv srv -> {
          int length = data(RecordType.SRV);
          bytes.putShort((short) srv.priority());
          bytes.putShort((short) srv.weight());
          bytes.putShort((short) srv.port());
          // RFC 2782: this one is not compressed.
          plainName(srv.target());
          end(length);
        }
        case DnsRecord.Other(String name, int type, ByteBuffer content) -> {
          int length = data(type);
          bytes.put(content.duplicate());
          end(length);
        }
        case DnsRecord.Txt(String name, String text) -> {
          int length = data(RecordType.TXT);
          byte[] content = text.getBytes(StandardCharsets.UTF_8);
          bytes.put((byte) content.length).put(content);
          end(length);
        }
        case DnsRecord.Soa soa -> {
          int length = data(RecordType.SOA);
          name(soa.server());
          name(soa.mailbox());
          bytes.putInt((int) soa.serial()).putInt(7200).putInt(1800).putInt(86_400);
          bytes.putInt(TTL_SECONDS);
          end(length);
        }
      }
    }

    /** Writes what stands between a record's name and its data; returns where the length goes. */
    private int data(int type) {
      bytes.putShort((short) type).putShort((short) DnsQuery.INTERNET).putInt(TTL_SECONDS);
      int length = bytes.position();
      bytes.putShort((short) 0);
      return length;
    }

    private void end(int length) {
      bytes.putShort(length, (short) (bytes.position() - length - 2));
    }

    void opt(ResponseCode code) {
      bytes.put((byte) 0).putShort((short) RecordType.OPT).putShort((short) MAX_UDP_SIZE);
      bytes.putInt(code.number() >> 4 << 24).putShort((short) 0);
    }

    void name(String name) {
      String rest = name;
      while (!rest.isEmpty()) {
        Integer known = names.get(rest);
        if (known != null) {
          bytes.putShort((short) (POINTER | known));
          return;
        }
        if (bytes.position() <= MAX_POINTER) {
          names.put(rest, bytes.position());
        }
        rest = label(rest);
      }
      bytes.put((byte) 0);
    }

    private void plainName(String name) {
      String rest = name;
      while (!rest.isEmpty()) {
        rest = label(rest);
      }
      bytes.put((byte) 0);
    }

    /** Writes the first label and returns the others. */
    private String label(String name) {
      int dot = name.indexOf('.');
      String label = dot < 0 ? name : name.substring(0, dot);
      byte[] content = label.getBytes(StandardCharsets.ISO_8859_1);
      bytes.put((byte) content.length).put(content);
      return dot < 0 ? "" : name.substring(dot + 1);
    }
  }
}
