package dev.coxswain.apiserver.http;

/** Is told of an exchange's answer before it goes out. */
public interface AnswerListener {
  /** Nobody listens. */
  AnswerListener NONE =
      new AnswerListener() {
        @Override
        public void answering(Answer answer) {}

        @Override
        public void streaming(int status) {}

        @Override
        public void over() {}
      };

  /** This whole answer will be sent when the listener returns. */
  void answering(Answer answer) throws InterruptedException;

  /** An answer that may last begins. Must not block. */
  void streaming(int status);

  /** The answer that lasted is over. Must not block. */
  void over();
}
