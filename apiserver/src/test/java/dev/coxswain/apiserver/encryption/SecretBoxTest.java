package dev.coxswain.apiserver.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coxswain.runtime.time.Randomness;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretBoxTest {
  /** The example of "Cryptography in NaCl", section 10. */
  private static final byte[] KEY =
      hex("1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389");

  private static final byte[] NONCE = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37");
  private static final byte[] TEXT =
      hex(
          "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a"
              + "1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057"
              + "e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040"
              + "e082f937763848645e0705");
  private static final byte[] BOX =
      hex(
          "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4"
              + "476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738"
              + "b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de"
              + "56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5");

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void theBoxOfThePaperIsOurs() throws GeneralSecurityException {
    assertThat(SecretBox.seal(TEXT, NONCE, KEY)).isEqualTo(BOX);
    assertThat(SecretBox.open(BOX, NONCE, KEY)).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 96, 1000, 4096})
  void boxesOfEveryLengthAreOpenedAndNoneThatWasTouched(int length)
      throws GeneralSecurityException {
    byte[] text = Nonce.of(length, Randomness.seeded(length));
    byte[] box = SecretBox.seal(text, NONCE, KEY);
    assertThat(SecretBox.open(box, NONCE, KEY)).isEqualTo(text);
    for (int i = 0; i < box.length; i += 1 + box.length / 40) {
      byte[] touched = box.clone();
      touched[i] ^= 0x40;
      assertThatThrownBy(() -> SecretBox.open(touched, NONCE, KEY))
          .isInstanceOf(GeneralSecurityException.class);
    }
  }

  /** RFC 8439, section 2.5.2, and those of appendix A.3 that try the carries. */
  @ParameterizedTest
  @CsvSource({
    "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b,"
        + "43727970746f6772617068696320466f72756d2052657365617263682047726f7570,"
        + "a8061dc1305136c6c22b8baf0c0127a9",
    "0200000000000000000000000000000000000000000000000000000000000000,"
        + "ffffffffffffffffffffffffffffffff,03000000000000000000000000000000",
    "02000000000000000000000000000000ffffffffffffffffffffffffffffffff,"
        + "02000000000000000000000000000000,03000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000,"
        + "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff"
        + "11000000000000000000000000000000,05000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000,"
        + "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe"
        + "01010101010101010101010101010101,00000000000000000000000000000000",
    "0200000000000000000000000000000000000000000000000000000000000000,"
        + "fdffffffffffffffffffffffffffffff,faffffffffffffffffffffffffffffff",
    "0100000000000000040000000000000000000000000000000000000000000000,"
        + "e33594d7505e43b900000000000000003394d7505e4379cd01000000000000000"
        + "000000000000000000000000000000001000000000000000000000000000000,"
        + "14000000000000005500000000000000",
  })
  void tagsAreThoseOfTheStandard(String key, String text, String tag) {
    assertThat(Poly1305.tag(hex(key), hex(text), 0)).isEqualTo(hex(tag));
    byte[] later =
        ("past" + new String(hex(text), StandardCharsets.ISO_8859_1))
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Poly1305.tag(hex(key), later, 4)).isEqualTo(hex(tag));
  }
}
