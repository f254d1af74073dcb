//! A capture file's packets, as segments of TCP.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use etherparse::{EtherType, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::pcapng::Block;
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{Linktype, PcapBlockOwned, PcapError, create_reader};

/// How much of a file is looked at together: more than the largest packet.
const WINDOW: usize = 1 << 20;

/// Why a file is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// It is no capture file, or is damaged.
    #[error("it is no pcap or pcapng file that can be read: {0}")]
    Unreadable(String),
    /// It was captured on a network whose packets are not understood.
    #[error(
        "its packets are of link type {0}, which is not known: capture on an Ethernet or loopback interface, or on `any`"
    )]
    Network(i32),
}

/// What pcap and pcapng files begin with, in either order of octets.
const MAGICS: [[u8; 4]; 5] = [
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x0a, 0x0d, 0x0d, 0x0a],
];

pub(super) fn is_capture(octets: &[u8]) -> bool {
    MAGICS.iter().any(|magic| octets.starts_with(magic))
}

/// One segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    /// The packet that it is, counted from 1.
    pub(super) packet: u64,
    /// When it was seen, since 1970.
    pub(super) at: Duration,
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    pub(super) sequence: u32,
    /// The next octet that its sender expects.
    pub(super) acknowledged: u32,
    pub(super) syn: bool,
    pub(super) ack_flag: bool,
    pub(super) fin: bool,
    pub(super) rst: bool,
    pub(super) payload: std::borrow::Cow<'a, [u8]>,
}

/// How a packet is wrapped, and how times are counted.
#[derive(Debug, Clone, Copy)]
struct Interface {
    link: Linktype,
    /// How many units of time a second has.
    resolution: u64,
    /// Seconds to be added.
    offset: i64,
}

/// A file's packets.
pub(super) struct Packets<'f> {
    reader: Box<dyn PcapReaderIterator + Send + 'f>,
    interfaces: Vec<Interface>,
    packet: u64,
    cut_short: u64,
    fragments: u64,
    damaged: Option<u64>,
}

impl<'f> Packets<'f> {
    pub(super) fn open(octets: &'f [u8]) -> Result<Packets<'f>, CaptureError> {
        let reader = create_reader(WINDOW, octets);
        let reader = reader.map_err(|error| CaptureError::Unreadable(plain(&error)))?;
        Ok(Packets {
            reader,
            interfaces: Vec::new(),
            packet: 0,
            cut_short: 0,
            fragments: 0,
            damaged: None,
        })
    }

    /// What has to be known about the file.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut all = Vec::new();
        if let Some(packet) = self.damaged {
            all.push(format!(
                "the file is cut short or damaged behind packet {packet}"
            ));
        }
        if self.cut_short > 0 {
            all.push(format!(
                "{} packets were not captured whole (tcpdump -s 0 does)",
                self.cut_short
            ));
        }
        if self.fragments > 0 {
            all.push(format!(
                "{} fragments of IP packets were not put together",
                self.fragments
            ));
        }
        all
    }

    /// The next segment of TCP.
    pub(super) fn next(&mut self) -> Result<Option<Segment<'static>>, CaptureError> {
        loop {
            let raw = match self.reader.next() {
                Ok((length, block)) => {
                    let raw = raw(&block, &mut self.interfaces);
                    self.reader.consume(length);
                    raw
                }
                Err(PcapError::Eof) => return Ok(None),
                Err(PcapError::Incomplete(_)) => {
                    // More of the file, or none if it ends within a block.
                    match self.reader.reader_exhausted() || self.reader.refill().is_err() {
                        true => {
                            self.damaged = Some(self.packet);
                            return Ok(None);
                        }
                        false => continue,
                    }
                }
                Err(error) if self.packet == 0 => {
                    return Err(CaptureError::Unreadable(plain(&error)));
                }
                Err(_) => {
                    self.damaged = Some(self.packet);
                    return Ok(None);
                }
            };
            let Some(raw) = raw else { continue };
            self.packet += 1;
            self.cut_short += u64::from(raw.data.len() < raw.length as usize);
            if let Some(segment) = self.segment(&raw)? {
                return Ok(Some(segment));
            }
        }
    }

    fn segment(&mut self, raw: &Raw) -> Result<Option<Segment<'static>>, CaptureError> {
        let Some(packet) = unwrapped(raw.interface.link, &raw.data)? else {
            return Ok(None);
        };
        let (source, destination, fragment): (IpAddr, IpAddr, bool) = match &packet.net {
            Some(LaxNetSlice::Ipv4(ip)) => {
                let header = ip.header();
                let fragment = ip.payload().fragmented;
                (
                    header.source_addr().into(),
                    header.destination_addr().into(),
                    fragment,
                )
            }
            Some(LaxNetSlice::Ipv6(ip)) => {
                let header = ip.header();
                let fragment = ip.payload().fragmented;
                (
                    header.source_addr().into(),
                    header.destination_addr().into(),
                    fragment,
                )
            }
            _ => return Ok(None),
        };
        if fragment {
            self.fragments += 1;
            return Ok(None);
        }
        let Some(TransportSlice::Tcp(tcp)) = &packet.transport else {
            return Ok(None);
        };
        Ok(Some(Segment {
            packet: self.packet,
            at: raw.at,
            from: SocketAddr::new(source, tcp.source_port()),
            to: SocketAddr::new(destination, tcp.destination_port()),
            sequence: tcp.sequence_number(),
            acknowledged: tcp.acknowledgment_number(),
            syn: tcp.syn(),
            ack_flag: tcp.ack(),
            fin: tcp.fin(),
            rst: tcp.rst(),
            payload: tcp.payload().to_vec().into(),
        }))
    }
}

/// A packet as it stands in the file.
struct Raw {
    interface: Interface,
    at: Duration,
    data: Vec<u8>,
    /// How long it was on the wire.
    length: u32,
}

fn raw(block: &PcapBlockOwned<'_>, interfaces: &mut Vec<Interface>) -> Option<Raw> {
    match block {
        PcapBlockOwned::LegacyHeader(header) => {
            interfaces.push(Interface {
                link: header.network,
                resolution: if header.is_nanosecond_precision() {
                    1_000_000_000
                } else {
                    1_000_000
                },
                offset: 0,
            });
            None
        }
        PcapBlockOwned::Legacy(packet) => {
            let interface = *interfaces.first()?;
            let part = u64::from(packet.ts_usec) * (1_000_000_000 / interface.resolution);
            Some(Raw {
                interface,
                at: Duration::from_secs(packet.ts_sec.into()) + Duration::from_nanos(part),
                data: packet.data.to_vec(),
                length: packet.origlen,
            })
        }
        PcapBlockOwned::NG(Block::SectionHeader(_)) => {
            interfaces.clear();
            None
        }
        PcapBlockOwned::NG(Block::InterfaceDescription(it)) => {
            interfaces.push(Interface {
                link: it.linktype,
                resolution: it.ts_resolution().filter(|it| *it > 0).unwrap_or(1_000_000),
                offset: it.ts_offset(),
            });
            None
        }
        PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
            let interface = *interfaces.get(packet.if_id as usize)?;
            let units = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
            let seconds = (units / interface.resolution).saturating_add_signed(interface.offset);
            let part = u128::from(units % interface.resolution) * 1_000_000_000
                / u128::from(interface.resolution);
            Some(Raw {
                interface,
                at: Duration::from_secs(seconds) + Duration::from_nanos(part as u64),
                data: packet.data.get(..packet.caplen as usize)?.to_vec(),
                length: packet.origlen,
            })
        }
        PcapBlockOwned::NG(Block::SimplePacket(packet)) => {
            let interface = *interfaces.first()?;
            let length = packet.data.len().min(packet.origlen as usize);
            Some(Raw {
                interface,
                at: Duration::ZERO,
                data: packet.data[..length].to_vec(),
                length: packet.origlen,
            })
        }
        PcapBlockOwned::NG(_) => None,
    }
}

/// The IP packet within a packet.
fn unwrapped(link: Linktype, data: &[u8]) -> Result<Option<LaxSlicedPacket<'_>>, CaptureError> {
    let with_type = |at: usize, head: usize| {
        let kind = data.get(at..at + 2)?;
        let kind = EtherType(u16::from_be_bytes([kind[0], kind[1]]));
        Some(LaxSlicedPacket::from_ether_type(kind, data.get(head..)?))
    };
    let ip = |data| LaxSlicedPacket::from_ip(data).ok();
    Ok(match link {
        Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(data).ok(),
        Linktype::LINUX_SLL => with_type(14, 16),
        Linktype::LINUX_SLL2 => with_type(0, 20),
        Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | Linktype(12 | 14) => ip(data),
        // Four octets say which version of IP, which the packet says as well.
        Linktype::NULL | Linktype::LOOP => data.get(4..).and_then(ip),
        Linktype(other) => return Err(CaptureError::Network(other)),
    })
}

fn plain<I>(error: &PcapError<I>) -> String
where
    I: Sized,
{
    match error {
        PcapError::HeaderNotRecognized => "its beginning is that of another format",
        PcapError::Incomplete(_) | PcapError::UnexpectedEof | PcapError::Eof => "it ends too early",
        _ => "it is damaged",
    }
    .to_owned()
}
