/** TLS, HTTP/1.1 and HTTP/2 on Netty: bytes in, bytes out, limits, graceful drain. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.http;
