//! Where in its source a waiting thread is: its stack is unwound by the tables that the compiler left
//! for panics, and the return addresses are looked up in the debug information. Both are exact; a
//! release build has no debug information, and then there is no place.

use super::stack::{Memory, Stack};
use super::sys::Registers;
use addr2line::Context;
use addr2line::gimli::{
    BaseAddresses, CfaRule, Dwarf, EhFrame, EhFrameHdr, EndianSlice, LittleEndian, Register,
    RegisterRule, SectionId, UnwindContext, UnwindSection, X86_64,
};
use object::{Object, ObjectSection, ObjectSegment};
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Frames of a stack that are looked at.
const FRAMES: usize = 64;
/// What a called function leaves as it found it.
const SAVED: [Register; 6] = [
    X86_64::RBX,
    X86_64::RBP,
    X86_64::R12,
    X86_64::R13,
    X86_64::R14,
    X86_64::R15,
];

/// What std's part of a stack says a thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A mutex.
    Mutex,
    /// A reader-writer lock.
    RwLock,
    /// A condition variable, a parked thread, and what is made of them.
    Other,
    /// There is no debug information.
    Unknown,
}

/// What the stack of a waiting thread says.
#[derive(Debug)]
pub struct Found {
    /// Place in the program's own source.
    pub place: Option<String>,
    /// What the wait is for.
    pub kind: Kind,
    /// First address of the frame of that place.
    pub own: Option<u64>,
}

/// The files that a process has mapped as code.
pub struct Places {
    program: String,
    modules: BTreeMap<String, Option<Module>>,
}

impl Places {
    /// The files of this process, read when they are needed.
    pub fn of(pid: i32) -> Self {
        let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
        let program = program.to_string_lossy().into_owned();
        let module = Module::read(&format!("/proc/{pid}/exe"));
        Self {
            modules: BTreeMap::from([(program.clone(), module)]),
            program,
        }
    }

    /// Where the thread with these registers and this stack is.
    pub fn find(&mut self, registers: &Registers, memory: &Memory, stack: &Stack) -> Found {
        let frames = self.unwind(registers, memory, stack);
        let mut found = Found {
            place: None,
            kind: Kind::Unknown,
            own: None,
        };
        let Some(Some(program)) = self.modules.get(&self.program) else {
            return found;
        };
        let mut in_a_binary = false;
        let frames = frames.iter().filter(|frame| frame.file == self.program);
        for (frame, source) in frames.flat_map(|frame| {
            let sources = program.sources(frame.address).into_iter();
            sources.map(move |source| (frame, source))
        }) {
            if !source.is_own {
                if found.kind == Kind::Unknown && found.place.is_none() {
                    found.kind = source.kind();
                }
                continue;
            }
            // A listing may wait in its chapter's library; the line that the page shows says more.
            let is_binary = source.path.contains("src/bin/");
            if found.place.is_none() || (is_binary && !in_a_binary) {
                found.place = Some(format!("{}:{}", source.path, source.line));
                found.own = Some(frame.bottom);
                in_a_binary = is_binary;
            }
        }
        if found.kind == Kind::Unknown && found.place.is_some() {
            found.kind = Kind::Other;
        }
        found
    }

    /// The frames of a stack, innermost first, as far as the tables lead.
    fn unwind(&mut self, registers: &Registers, memory: &Memory, stack: &Stack) -> Vec<Frame> {
        let mut known = Known {
            saved: [
                registers.rbx,
                registers.rbp,
                registers.r12,
                registers.r13,
                registers.r14,
                registers.r15,
            ],
            pointer: registers.rsp,
            // The innermost call is the system's: its address is where it will return to as well.
            counter: registers.rip,
        };
        let mut frames = Vec::new();
        while frames.len() < FRAMES {
            // The address that a call returns to may belong to the next function.
            let address = known.counter.wrapping_sub(1);
            let Some(mapping) = memory.mapping(address) else {
                break;
            };
            let file = mapping.path.clone();
            let module = self
                .modules
                .entry(file.clone())
                .or_insert_with(|| Module::read(&file));
            let Some(module) = module else { break };
            let Some(address) = module.address(address - mapping.start + mapping.offset) else {
                break;
            };
            frames.push(Frame {
                address,
                bottom: known.pointer,
                file,
            });
            match module.caller(address, &known, stack) {
                Some(caller) if caller.pointer > known.pointer => known = caller,
                _ => break,
            }
        }
        frames
    }
}

/// A frame of a stack.
struct Frame {
    /// An address of the function, as the file counts.
    address: u64,
    /// Where the frame begins.
    bottom: u64,
    file: String,
}

/// The registers of a frame as far as they are known.
struct Known {
    saved: [u64; SAVED.len()],
    pointer: u64,
    counter: u64,
}

impl Known {
    fn register(&self, register: Register) -> Option<u64> {
        match register {
            X86_64::RSP => Some(self.pointer),
            X86_64::RA => Some(self.counter),
            _ => {
                let place = SAVED.iter().position(|saved| *saved == register)?;
                Some(self.saved[place])
            }
        }
    }
}

type Bytes = EndianSlice<'static, LittleEndian>;

/// An executable or a library. Its bytes live as long as the process that reads them, which ends with
/// the run.
struct Module {
    file: object::File<'static>,
    context: OnceCell<Option<Context<Bytes>>>,
}

/// A line of a source file.
struct Source {
    /// As the compiler knows it, without the folder in which it ran.
    path: String,
    line: u32,
    /// Whether it is the program's own, not std's or a crate's.
    is_own: bool,
}

impl Source {
    fn kind(&self) -> Kind {
        if self.path.contains("/sync/mutex/") {
            Kind::Mutex
        } else if self.path.contains("/sync/rwlock/") {
            Kind::RwLock
        } else if ["/sync/condvar/", "/thread_parking/", "/sync/once/"]
            .iter()
            .any(|part| self.path.contains(part))
        {
            Kind::Other
        } else {
            Kind::Unknown
        }
    }
}

impl Module {
    fn read(path: &str) -> Option<Self> {
        let bytes: &'static [u8] = Box::leak(fs::read(path).ok()?.into_boxed_slice());
        Some(Self {
            file: object::File::parse(bytes).ok()?,
            context: OnceCell::new(),
        })
    }

    /// The address of a place in the file, as the file counts.
    fn address(&self, offset: u64) -> Option<u64> {
        self.file.segments().find_map(|segment| {
            let (start, size) = segment.file_range();
            (start..start + size)
                .contains(&offset)
                .then(|| segment.address() + offset - start)
        })
    }

    fn section(&self, name: &str) -> Option<(u64, Bytes)> {
        let section = self.file.section_by_name(name)?;
        let bytes = section.data().ok()?;
        Some((section.address(), EndianSlice::new(bytes, LittleEndian)))
    }

    /// The registers of the caller of the function at this address.
    fn caller(&self, address: u64, known: &Known, stack: &Stack) -> Option<Known> {
        let (header_at, header) = self.section(".eh_frame_hdr")?;
        let (frames_at, frames) = self.section(".eh_frame")?;
        let text_at = self.section(".text").map_or(0, |(address, _)| address);
        let bases = BaseAddresses::default()
            .set_eh_frame_hdr(header_at)
            .set_eh_frame(frames_at)
            .set_text(text_at);
        let header = EhFrameHdr::from(header).parse(&bases, 8).ok()?;
        let frames = EhFrame::from(frames);
        let mut context = UnwindContext::new();
        let row = header
            .table()?
            .unwind_info_for_address(
                &frames,
                &bases,
                &mut context,
                address,
                EhFrame::cie_from_offset,
            )
            .ok()?;
        let CfaRule::RegisterAndOffset { register, offset } = row.cfa() else {
            return None;
        };
        let cfa = known.register(*register)?.wrapping_add_signed(*offset);
        let restore = |register: Register| match row.register(register) {
            Some(RegisterRule::Offset(offset)) => stack.word(cfa.wrapping_add_signed(offset)),
            Some(RegisterRule::ValOffset(offset)) => Some(cfa.wrapping_add_signed(offset)),
            Some(RegisterRule::Register(other)) => known.register(other),
            None | Some(RegisterRule::SameValue) if register != X86_64::RA => {
                known.register(register)
            }
            _ => None,
        };
        let mut saved = known.saved;
        for (value, register) in saved.iter_mut().zip(SAVED) {
            *value = restore(register).unwrap_or(*value);
        }
        Some(Known {
            saved,
            pointer: cfa,
            counter: restore(X86_64::RA)?,
        })
    }

    /// The lines of an address: that of the innermost inlined function first.
    fn sources(&self, address: u64) -> Vec<Source> {
        let Some(context) = self.context.get_or_init(|| self.debug_information()) else {
            return Vec::new();
        };
        let unit = context.find_dwarf_and_unit(address).skip_all_loads();
        let folder = unit.and_then(|unit| unit.comp_dir);
        let folder = folder.map_or(Cow::Borrowed(""), |folder| folder.to_string_lossy());
        let mut sources = Vec::new();
        let Ok(mut frames) = context.find_frames(address).skip_all_loads() else {
            return sources;
        };
        while let Ok(Some(frame)) = frames.next() {
            if let Some(location) = frame.location
                && let (Some(file), Some(line)) = (location.file, location.line)
            {
                let path = Path::new(file).strip_prefix(&*folder);
                let path = path.map_or(file, |path| path.to_str().unwrap_or(file));
                let foreign = ["/rustc/", "/registry/src/", "/rustlib/src/"];
                sources.push(Source {
                    path: path.to_owned(),
                    line,
                    is_own: !foreign.iter().any(|folder| file.contains(folder)),
                });
            }
        }
        sources
    }

    fn debug_information(&self) -> Option<Context<Bytes>> {
        let load = |id: SectionId| -> Result<Bytes, addr2line::gimli::Error> {
            let section = self.section(id.name());
            Ok(section.map_or(EndianSlice::new(&[], LittleEndian), |(_, bytes)| bytes))
        };
        Context::from_dwarf(Dwarf::load(load).ok()?).ok()
    }
}
