package ocellus.loaders.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import ocellus.loaders.CheckpointException;
import ocellus.loaders.internal.Printable;

/**
 * A model of SentencePiece, {@code spiece.model}: {@code ModelProto} of its {@code
 * sentencepiece_model.proto}.
 *
 * @param source what messages call the file
 * @param pieces by their ids
 * @param byteFallback whether characters that no piece has are cut into their bytes
 * @param normalizer how text is brought into the form that the pieces have
 */
record SentencePieceModel(
    String source, List<Piece> pieces, boolean byteFallback, Normalizer normalizer) {
  private static final int MAX_BYTES = 64 << 20;
  private static final int UNIGRAM = 1;
  private static final int LAST_KIND = 6;

  /** What a piece is, in the order of the format. */
  enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  /**
   * A piece of the vocabulary.
   *
   * @param score the logarithm of its probability
   */
  record Piece(String text, float score, Kind kind) {}

  /**
   * The normalizer's settings.
   *
   * @param charsMap what characters are replaced by; empty: nothing is replaced
   * @param addsPrefix whether a space is put before the text
   * @param removesExtraSpaces whether spaces at the ends go, and of several one stays
   * @param escapesSpaces whether spaces become U+2581, as they are in pieces
   */
  record Normalizer(
      ByteBuffer charsMap, boolean addsPrefix, boolean removesExtraSpaces, boolean escapesSpaces) {}

  /** Reads a file. */
  static SentencePieceModel read(Path file) {
    String source = Printable.name(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new CheckpointException(
            "%s: larger than %d MiB, which no model of SentencePiece is"
                .formatted(source, MAX_BYTES >> 20));
      }
      return parse(source, bytes);
    } catch (IOException e) {
      throw new CheckpointException(source + ": cannot be read: " + Printable.reason(e), e);
    }
  }

  static SentencePieceModel parse(String source, byte[] bytes) {
    List<Piece> pieces = new ArrayList<>();
    Normalizer normalizer = new Normalizer(ByteBuffer.allocate(0), true, true, true);
    boolean byteFallback = false;
    ProtoReader model = new ProtoReader(source, ByteBuffer.wrap(bytes));
    for (int field = model.nextField(); field != 0; field = model.nextField()) {
      switch (field) {
        case 1 -> pieces.add(piece(source, model.message()));
        case 2 -> byteFallback = byteFallback(source, model.message());
        case 3 -> normalizer = normalizer(model.message());
        default -> model.skip();
      }
    }
    if (pieces.isEmpty()) {
      throw new CheckpointException(source + ": has no pieces; fetch it again");
    }
    return new SentencePieceModel(source, List.copyOf(pieces), byteFallback, normalizer);
  }

  private static Piece piece(String source, ProtoReader piece) {
    String text = "";
    float score = 0;
    int kind = 1;
    for (int field = piece.nextField(); field != 0; field = piece.nextField()) {
      switch (field) {
        case 1 -> text = text(source, piece.bytes());
        case 2 -> score = piece.fixedFloat();
        case 3 -> kind = Math.clamp(piece.varint(), 0, LAST_KIND + 1);
        default -> piece.skip();
      }
    }
    if (text.isEmpty() || kind < 1 || kind > LAST_KIND || !Float.isFinite(score)) {
      throw new CheckpointException(
          "%s: damaged: the piece '%s' has kind %d and score %s; fetch it again"
              .formatted(source, Printable.clip(text), kind, score));
    }
    Kind known = Kind.values()[kind - 1];
    require(source, known != Kind.USER_DEFINED, "the user-defined piece " + Printable.clip(text));
    return new Piece(text, score, known);
  }

  private static String text(String source, ByteBuffer utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new CheckpointException(source + ": damaged: a piece is not UTF-8; fetch it again", e);
    }
  }

  private static boolean byteFallback(String source, ProtoReader trainer) {
    boolean byteFallback = false;
    for (int field = trainer.nextField(); field != 0; field = trainer.nextField()) {
      switch (field) {
        case 3 -> require(source, trainer.varint() == UNIGRAM, "another model than unigram");
        case 24 -> require(source, !trainer.bool(), "spaces at the end of words");
        case 35 -> byteFallback = trainer.bool();
        default -> trainer.skip();
      }
    }
    return byteFallback;
  }

  private static void require(String source, boolean met, String what) {
    if (!met) {
      throw new CheckpointException(
          "%s: has %s, which is not supported; expected SigLIP's".formatted(source, what));
    }
  }

  private static Normalizer normalizer(ProtoReader spec) {
    ByteBuffer charsMap = ByteBuffer.allocate(0);
    boolean addsPrefix = true;
    boolean removesExtraSpaces = true;
    boolean escapesSpaces = true;
    for (int field = spec.nextField(); field != 0; field = spec.nextField()) {
      switch (field) {
        case 2 -> charsMap = spec.bytes();
        case 3 -> addsPrefix = spec.bool();
        case 4 -> removesExtraSpaces = spec.bool();
        case 5 -> escapesSpaces = spec.bool();
        default -> spec.skip();
      }
    }
    return new Normalizer(charsMap, addsPrefix, removesExtraSpaces, escapesSpaces);
  }
}
