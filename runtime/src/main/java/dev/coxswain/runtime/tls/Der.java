package dev.coxswain.runtime.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** As much of DER (X.690) as it takes to read keys and requests for certificates. */
final class Der {
  static final int OCTET_STRING = 0x04;
  static final int SEQUENCE = 0x30;

  private Der() {}

  /** One element: its tag, its content, and its whole encoding. */
  static final class Element {
    private final int tag;
    private final byte[] content;
    private final byte[] encoded;

    private Element(int tag, byte[] content, byte[] encoded) {
      this.tag = tag;
      this.content = content;
      this.encoded = encoded;
    }

    int tag() {
      return tag;
    }

    byte[] content() {
      return content;
    }

    byte[] encoded() {
      return encoded;
    }
  }

  /** The elements that stand one after the other. */
  static List<Element> elements(byte[] bytes) {
    var elements = new ArrayList<Element>();
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      int start = buffer.position();
      try {
        int tag = buffer.get() & 0xFF;
        int length = length(buffer);
        if (length > buffer.remaining()) {
          throw new IllegalArgumentException("DER element is cut off");
        }
        byte[] content = new byte[length];
        buffer.get(content);
        byte[] encoded = new byte[buffer.position() - start];
        buffer.get(start, encoded);
        elements.add(new Element(tag, content, encoded));
      } catch (java.nio.BufferUnderflowException cutOff) {
        throw new IllegalArgumentException("DER element is cut off", cutOff);
      }
    }
    return elements;
  }

  private static int length(ByteBuffer buffer) {
    int first = buffer.get() & 0xFF;
    if (first < 0x80) {
      return first;
    }
    int octets = first & 0x7F;
    if (octets > 3) {
      throw new IllegalArgumentException("DER length of " + octets + " octets");
    }
    int length = 0;
    for (int i = 0; i < octets; i++) {
      length = length << 8 | (buffer.get() & 0xFF);
    }
    return length;
  }

  /** An object identifier's content as it is printed: {@code 1.2.840.10045.4.3.2}. */
  static String objectIdentifier(byte[] content) {
    var text = new StringBuilder();
    long arc = 0;
    for (byte octet : content) {
      if (arc > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("an arc of an object identifier is too large");
      }
      arc = arc << 7 | (octet & 0x7F);
      if ((octet & 0x80) == 0) {
        if (text.isEmpty()) {
          long root = Math.min(2, arc / 40);
          text.append(root).append('.').append(arc - 40 * root);
        } else {
          text.append('.').append(arc);
        }
        arc = 0;
      }
    }
    return text.toString();
  }

  /** An element of a tag around the concatenated parts. */
  static byte[] wrap(int tag, byte[]... parts) {
    var content = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      content.writeBytes(part);
    }
    var element = new ByteArrayOutputStream();
    element.write(tag);
    int length = content.size();
    if (length < 0x80) {
      element.write(length);
    } else if (length < 0x100) {
      element.write(0x81);
      element.write(length);
    } else {
      element.write(0x82);
      element.write(length >>> 8);
      element.write(length);
    }
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }
}
