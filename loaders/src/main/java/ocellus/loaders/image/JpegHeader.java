package ocellus.loaders.image;

/**
 * The segments of a JPEG file up to its first scan.
 *
 * @param orientation from EXIF, else from XMP
 */
record JpegHeader(int width, int height, ColorSpace colorSpace, Orientation orientation) {
  /** Each scan of a progressive file visits every block; encoders write about ten. */
  private static final int MAX_SCANS = 100;

  /** What the components of a pixel mean. */
  enum ColorSpace {
    GREY(1),
    YCBCR(3),
    RGB(3),
    CMYK(4),
    YCCK(4);

    private final int components;

    ColorSpace(int components) {
      this.components = components;
    }

    int components() {
      return components;
    }
  }

  private static final int START_OF_SCAN = 0xda;
  private static final int END_OF_IMAGE = 0xd9;
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  /** Collects what the segments say. */
  private static final class Parser {
    private final Bytes file;
    private int width;
    private int height;
    private String componentIds;
    private boolean jfif;
    private int adobeTransform = -1;
    private long orientation;
    private long xmpOrientation;

    Parser(Bytes file) {
      this.file = file;
    }

    JpegHeader parse() throws MalformedImageException {
      long position = 2;
      while (true) {
        position = nextMarker(position);
        int marker = file.u8(position - 1);
        if (marker == END_OF_IMAGE) {
          throw new MalformedImageException("it ends before its first scan");
        }
        if (standsAlone(marker)) {
          continue;
        }
        Bytes segment = segment(position);
        position += 2 + segment.length();
        if (marker == START_OF_SCAN) {
          checkScans(position);
          return header();
        }
        read(marker, segment);
      }
    }

    /**
     * Where the next marker ends. Bytes between segments are skipped, as are the zeros and restart
     * markers in the data of a scan.
     */
    private long nextMarker(long from) throws MalformedImageException {
      long position = from;
      while (file.u8(position) != 0xff
          || file.u8(position + 1) == 0xff
          || file.u8(position + 1) == 0) {
        position++;
      }
      return position + 2;
    }

    private static boolean standsAlone(int marker) {
      return (marker >= 0xd0 && marker <= 0xd8) || marker == 0x01;
    }

    private Bytes segment(long position) throws MalformedImageException {
      int length = file.u16(position);
      if (length < 2) {
        throw new MalformedImageException("a segment has length " + length);
      }
      return file.part(position + 2, length - 2);
    }

    /** Counts the scans after the first, up to the end of the image or of the file. */
    private void checkScans(long firstScan) throws MalformedImageException {
      int scans = 1;
      long position = firstScan;
      while (scans <= MAX_SCANS) {
        try {
          position = nextMarker(position);
          int marker = file.u8(position - 1);
          if (marker == END_OF_IMAGE) {
            return;
          }
          if (!standsAlone(marker)) {
            position += 2 + segment(position).length();
            scans += marker == START_OF_SCAN ? 1 : 0;
          }
        } catch (MalformedImageException _) {
          return; // Whether enough of it is there is for the decoder to say.
        }
      }
      throw new MalformedImageException("it has more than " + MAX_SCANS + " scans");
    }

    private void read(int marker, Bytes segment) throws MalformedImageException {
      switch (marker) {
        case 0xc0, 0xc1, 0xc2 -> frame(segment);
        case 0xc9, 0xca ->
            throw new MalformedImageException("arithmetic coding is not supported, only Huffman");
        case 0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf ->
            throw new MalformedImageException(
                "lossless and hierarchical JPEG are not supported (frame type "
                    + Integer.toHexString(marker)
                    + ")");
        case 0xe0 -> jfif |= segment.has(0, "JFIF\0") && segment.length() >= 14;
        case 0xe1 -> metadata(segment);
        case 0xee -> {
          if (segment.has(0, "Adobe") && segment.length() >= 12) {
            adobeTransform = segment.u8(11);
          }
        }
        default -> {
          // Tables are the decoder's business; other segments do not touch the pixels.
        }
      }
    }

    private void frame(Bytes segment) throws MalformedImageException {
      if (componentIds != null) {
        throw new MalformedImageException("it has two frame headers");
      }
      if (segment.u8(0) != 8) {
        throw new MalformedImageException(
            segment.u8(0) + " bits a sample are not supported, only 8");
      }
      height = segment.u16(1);
      width = segment.u16(3);
      var ids = new StringBuilder();
      for (int i = 0; i < segment.u8(5); i++) {
        ids.append((char) segment.u8(6 + 3L * i));
      }
      componentIds = ids.toString();
    }

    private void metadata(Bytes segment) throws MalformedImageException {
      if (segment.has(0, "Exif\0\0")) {
        if (orientation == 0) {
          orientation = Exif.orientation(segment.part(6, segment.length() - 6));
        }
      } else if (segment.has(0, XMP)) {
        xmpOrientation =
            Exif.xmpOrientation(segment.part(XMP.length(), segment.length() - XMP.length()));
      }
    }

    private JpegHeader header() throws MalformedImageException {
      if (componentIds == null) {
        throw new MalformedImageException("its first scan comes before its frame header");
      }
      long exif = orientation != 0 ? orientation : xmpOrientation;
      return new JpegHeader(width, height, colorSpace(), Orientation.ofExif(exif));
    }

    /** The rules of libjpeg, which trusts JFIF, then Adobe's marker, then names of components. */
    private ColorSpace colorSpace() throws MalformedImageException {
      boolean adobe = adobeTransform >= 0;
      return switch (componentIds.length()) {
        case 1 -> ColorSpace.GREY;
        case 3 -> {
          boolean rgb = adobe ? adobeTransform == 0 : componentIds.equals("RGB");
          yield rgb && !jfif ? ColorSpace.RGB : ColorSpace.YCBCR;
        }
        case 4 -> adobe && adobeTransform != 0 ? ColorSpace.YCCK : ColorSpace.CMYK;
        default ->
            throw new MalformedImageException(
                componentIds.length() + " components are not supported, only 1, 3 and 4");
      };
    }
  }

  static JpegHeader parse(byte[] file) throws MalformedImageException {
    return new Parser(Bytes.bigEndian(file)).parse();
  }
}
