package ocellus.loaders.image.jpeg;

import java.util.Arrays;
import java.util.List;

/**
 * A JPEG file (ISO/IEC 10918-1): sequential or progressive, Huffman or arithmetic coding, 8 bits.
 * Pixels are those of libjpeg-turbo 3 as Pillow uses it, to the last bit, also of damaged files.
 *
 * <p>Not thread-safe. Nothing is allocated whose size depends on the picture's before {@link
 * #decode}.
 */
public final class JpegFile {
  /** Encoders write about ten scans. */
  private static final int MOST_SCANS = 100;

  /** Blocks that the scans of a file may visit, for each block of the picture. */
  private static final int VISITS_OF_A_BLOCK = 16;

  /** And for each byte of the file. */
  private static final int VISITS_OF_A_BYTE = 64;

  /** Arithmetic coding needs as much time as that many times the blocks. */
  private static final int ARITHMETIC_COST = 4;

  /** A part of the file. */
  public record Part(int start, int length) {}

  private final Segments segments;
  private final Frame frame;
  private final int fileLength;
  private Coefficients[] coefficients;
  private int scans;
  private long visits;

  private JpegFile(Segments segments, int fileLength) {
    this.segments = segments;
    this.frame = segments.frame();
    this.fileLength = fileLength;
  }

  /**
   * Reads what comes before the first scan.
   *
   * @param file which starts with the marker of a JPEG file
   */
  public static JpegFile open(byte[] file) throws JpegException {
    return open(new Segments(file, null), file.length);
  }

  /**
   * As {@link #open(byte[])}, for a file inside of another, which tells what colours are: what this
   * one says of them does not count.
   *
   * @param ycc whether three components are YCbCr, and not RGB
   */
  public static JpegFile open(byte[] file, boolean ycc) throws JpegException {
    return open(new Segments(file, ycc ? ColorSpace.YCBCR : ColorSpace.RGB), file.length);
  }

  private static JpegFile open(Segments segments, int fileLength) throws JpegException {
    segments.nextScan();
    return new JpegFile(segments, fileLength);
  }

  public int width() {
    return frame.width;
  }

  public int height() {
    return frame.height;
  }

  /** Of a pixel: 1, 3 or 4. */
  public int components() {
    return frame.components.length;
  }

  /** The contents of the APP1 segments before the first scan: EXIF, XMP. */
  public List<Part> metadata() {
    return segments.metadata();
  }

  /**
   * Decodes the picture. To be called once.
   *
   * @return {@code [height, width, 3]}: red, green, blue
   */
  public byte[] decode() throws JpegException {
    return decode(new Area(0, 0, frame.width, frame.height));
  }

  /**
   * As {@link #decode()}, but pixels outside of an area may have any value. The data are read to
   * their end all the same.
   */
  public byte[] decode(Area wanted) throws JpegException {
    return decode(wanted, Vectorised.isReady(frame.blocks()));
  }

  /**
   * Decodes the picture, with or without vectors.
   *
   * @param vectors not to be asked for where the process has none
   */
  byte[] decode(boolean vectors) throws JpegException {
    return decode(new Area(0, 0, frame.width, frame.height), vectors);
  }

  byte[] decode(Area wanted, boolean vectors) throws JpegException {
    if (!frame.arithmetic && !frame.progressive) {
      segments.tables.addDefaults();
    }
    Scan scan = Scan.read(frame, segments.input);
    RowOutput output = new RowOutput(frame, segments.colorSpace(), wanted, vectors);
    if (frame.progressive || scan.components().length < frame.components.length) {
      decodeScans(scan, output);
    } else {
      decodeOnly(scan, output);
    }
    return output.rgb();
  }

  /** A file with all in one scan: rows are finished as they come. */
  private void decodeOnly(Scan scan, RowOutput output) throws JpegException {
    coefficients = allocate(false);
    EntropyDecoder decoder = start(scan);
    Mcu mcu = new Mcu(scan);
    for (int row = 0; row < frame.mcusHigh; row++) {
      boolean any = decodeRow(scan, decoder, mcu, row);
      for (Component component : frame.components) {
        Coefficients ofComponent = coefficients[component.index];
        int first = row * component.vertical;
        int end = Math.min(first + component.vertical, component.blocksHigh);
        for (int blockRow = first; blockRow < end; blockRow++) {
          output.blocks(component, any ? ofComponent.row(blockRow) : null, blockRow);
        }
        if (any) {
          ofComponent.clear();
        }
      }
      output.endRow(row);
    }
    checkEnd();
  }

  /** What follows the only scan has to make sense, as far as there is something. */
  private void checkEnd() throws JpegException {
    boolean more;
    try {
      more = segments.nextScan();
    } catch (JpegException e) {
      if (e.isTruncation()) {
        return; // The pixels are complete.
      }
      throw e;
    }
    if (more) {
      throw new JpegException("it goes on behind a scan that had everything");
    }
  }

  private void decodeScans(Scan first, RowOutput output) throws JpegException {
    coefficients = allocate(true);
    Progression progression = new Progression(frame.components.length);
    Scan scan = first;
    while (true) {
      EntropyDecoder decoder = start(scan);
      if (frame.progressive) {
        progression.start(scan);
      }
      Mcu mcu = new Mcu(scan);
      for (int row = 0; row < frame.mcusHigh && !decoder.finished(); row++) {
        if (decodeRow(scan, decoder, mcu, row)) {
          progression.reached(row);
        }
      }
      if (!segments.nextScan()) {
        break;
      }
      scan = Scan.read(frame, segments.input);
    }
    write(progression, output);
  }

  /** Checks a scan and gets ready for it. */
  private EntropyDecoder start(Scan scan) throws JpegException {
    if (++scans > MOST_SCANS) {
      throw new JpegException("it has more than " + MOST_SCANS + " scans");
    }
    visits += scan.blocks(frame) * (frame.arithmetic ? ARITHMETIC_COST : 1);
    if (visits > VISITS_OF_A_BLOCK * frame.blocks() + (long) VISITS_OF_A_BYTE * fileLength) {
      throw new JpegException("it has more scans than data for them");
    }
    for (Component component : scan.components()) {
      if (!component.quantised) {
        component.quantise(segments.tables);
      }
    }
    if (frame.progressive) {
      scan.checkProgression();
    }
    if (frame.arithmetic) {
      return new ArithmeticDecoder(scan, frame, segments.tables, segments.input);
    } else if (frame.progressive) {
      return new ProgressiveDecoder(scan, segments.tables, segments.input);
    }
    return new SequentialDecoder(scan, segments.tables, segments.input);
  }

  /** A whole picture of coefficients, or a row of MCUs. */
  private Coefficients[] allocate(boolean whole) {
    return Arrays.stream(frame.components)
        .map(
            c ->
                new Coefficients(
                    whole ? c.vertical * frame.mcusHigh : c.vertical,
                    c.horizontal * frame.mcusWide))
        .toArray(Coefficients[]::new);
  }

  /**
   * Decodes a row of the frame's MCUs.
   *
   * @return whether there was any data for it
   */
  private boolean decodeRow(Scan scan, EntropyDecoder decoder, Mcu mcu, int frameRow)
      throws JpegException {
    Coefficients[] ofScan = new Coefficients[scan.components().length];
    int[] blockRows = new int[ofScan.length];
    for (int i = 0; i < ofScan.length; i++) {
      Component component = scan.components()[i];
      ofScan[i] = coefficients[component.index];
      blockRows[i] = frameRow * component.vertical;
    }
    boolean any = false;
    int columns = scan.mcusWide(frame);
    for (int line = 0; line < scan.mcuRows(frame, frameRow); line++) {
      mcu.startRow(ofScan, blockRows);
      for (int column = 0; column < columns && !decoder.finished(); column++) {
        any |= !decoder.exhausted();
        mcu.moveTo(column);
        decoder.next(mcu);
      }
      blockRows[0]++; // A scan of several components has one row of MCUs.
    }
    return any;
  }

  private void write(Progression progression, RowOutput output) {
    BlockSmoothing[] smoothing =
        frame.progressive ? BlockSmoothing.of(frame, coefficients, progression) : null;
    for (int row = 0; row < frame.mcusHigh; row++) {
      for (Component component : frame.components) {
        int first = row * component.vertical;
        int end = Math.min(first + component.vertical, component.blocksHigh);
        for (int blockRow = first; blockRow < end; blockRow++) {
          short[] blocks =
              smoothing == null
                  ? coefficients[component.index].rowIfAny(blockRow)
                  : smoothing[component.index].row(row, blockRow - first);
          output.blocks(component, blocks, blockRow);
        }
      }
      output.endRow(row);
    }
  }
}
