package dev.coxswain.runtime.tls;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;

/**
 * The public point of a private key, for which the JDK has no call. Not in constant time: it runs
 * once, when a key file is loaded.
 */
final class EcCurve {
  private static final BigInteger TWO = BigInteger.TWO;
  private static final BigInteger THREE = BigInteger.valueOf(3);

  private EcCurve() {}

  static PublicKey publicKey(ECPrivateKey key) {
    ECParameterSpec curve = key.getParams();
    ECPoint point = multiply(curve, curve.getGenerator(), key.getS());
    try {
      return KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(point, curve));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("not a valid EC private key", e);
    }
  }

  private static ECPoint multiply(ECParameterSpec curve, ECPoint point, BigInteger times) {
    ECPoint sum = ECPoint.POINT_INFINITY;
    for (int bit = times.bitLength() - 1; bit >= 0; bit--) {
      sum = add(curve, sum, sum);
      if (times.testBit(bit)) {
        sum = add(curve, sum, point);
      }
    }
    return sum;
  }

  private static ECPoint add(ECParameterSpec curve, ECPoint one, ECPoint two) {
    if (one.equals(ECPoint.POINT_INFINITY)) {
      return two;
    }
    if (two.equals(ECPoint.POINT_INFINITY)) {
      return one;
    }
    BigInteger prime = ((ECFieldFp) curve.getCurve().getField()).getP();
    BigInteger x = one.getAffineX();
    BigInteger y = one.getAffineY();
    BigInteger slope;
    if (x.equals(two.getAffineX())) {
      if (!y.equals(two.getAffineY()) || y.signum() == 0) {
        return ECPoint.POINT_INFINITY;
      }
      BigInteger rise = THREE.multiply(x.modPow(TWO, prime)).add(curve.getCurve().getA());
      slope = rise.multiply(TWO.multiply(y).modInverse(prime)).mod(prime);
    } else {
      BigInteger run = two.getAffineX().subtract(x).mod(prime);
      slope = two.getAffineY().subtract(y).multiply(run.modInverse(prime)).mod(prime);
    }
    BigInteger sumX = slope.modPow(TWO, prime).subtract(x).subtract(two.getAffineX()).mod(prime);
    return new ECPoint(sumX, slope.multiply(x.subtract(sumX)).subtract(y).mod(prime));
  }
}
